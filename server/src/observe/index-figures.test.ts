import { expect, test } from "vitest";
import { createMetrics } from "./metrics.ts";

test("the index stands in the metrics once there is one, and its counts are what they are, not sums of them", async () => {
  const metrics = createMetrics({ process: false });
  const shown = async (): Promise<string[]> =>
    (await metrics.render()).split("\n").filter((line) => line.startsWith("mailtide_index_"));
  expect(await shown()).toEqual([]);
  const counts = {
    hops: 12,
    bytes: 4_096,
    oldestMs: 1_500,
    forgottenForAge: 3,
    forgottenForRoom: 4,
    lostFacts: 5,
    unmatchedPasses: 6,
  };
  metrics.indexed(counts);
  metrics.indexed({ ...counts, forgottenForRoom: 7 });
  await metrics.render();
  expect(await shown()).toEqual([
    "mailtide_index_queue_files 12",
    "mailtide_index_bytes 4096",
    "mailtide_index_oldest_seconds 1.5",
    'mailtide_index_forgotten_total{because="age"} 3',
    'mailtide_index_forgotten_total{because="room"} 7',
    'mailtide_index_lost_total{what="facts"} 5',
    'mailtide_index_lost_total{what="filter_passes"} 6',
  ]);
});
