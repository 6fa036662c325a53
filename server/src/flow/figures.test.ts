import { collectorId, nodeId } from "@mailtide/shared";
import { expect, test } from "vitest";
import type { MailEvent } from "../core/event.ts";
import type { Observation } from "../core/observation.ts";
import { createMetrics } from "../observe/metrics.ts";
import { countedWrites, countTaken } from "./figures.ts";

const node = nodeId("mx1");
const said = async (metrics: ReturnType<typeof createMetrics>): Promise<string[]> =>
  (await metrics.render()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));

test("lines, those understood, and what was lost on the way are counted for each collector", async () => {
  const metrics = createMetrics({ process: false });
  const line = (event: MailEvent): Observation => ({ kind: "log", node, atMs: 0, event });
  countTaken(metrics, collectorId("mx1-log"), [
    line({ event: "removed", queueId: "A" }),
    line({ event: "other", action: "tls" }),
    line({ event: "other" }),
    { kind: "loss", node, atMs: 0, lines: 7, because: "rotated-away" },
    { kind: "loss", node, atMs: 0, lines: 2, because: "rotated-away" },
  ]);
  expect(await said(metrics)).toEqual(
    expect.arrayContaining([
      'mailtide_lines_read_total{collector="mx1-log"} 3',
      'mailtide_lines_parsed_total{collector="mx1-log"} 2',
      'mailtide_dropped_total{where="mx1-log",reason="rotated-away"} 9',
    ]),
  );
});

test("writes to the series are counted, the points that can never be stored, and a write that failed", async () => {
  const metrics = createMetrics({ process: false });
  let nowMs = 0;
  let fails = false;
  const series = countedWrites(
    {
      write: async () => {
        nowMs += 2_000;
        if (fails) throw new Error("not now");
        return { written: 5, dropped: 3 };
      },
    },
    metrics,
    () => nowMs,
  );
  expect(await series.write("10s", [])).toEqual({ written: 5, dropped: 3 });
  fails = true;
  await expect(series.write("10s", [])).rejects.toThrow("not now");
  expect(await said(metrics)).toEqual(
    expect.arrayContaining([
      "mailtide_series_points_total 5",
      'mailtide_dropped_total{where="series",reason="refused"} 3',
      'mailtide_series_write_seconds_sum{outcome="ok"} 2',
      'mailtide_series_write_seconds_count{outcome="failed"} 1',
    ]),
  );
});
