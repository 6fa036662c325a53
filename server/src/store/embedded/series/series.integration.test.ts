import { afterAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../../../../test/real/process.ts";
import { seriesContract } from "../../../../test/contract/series.ts";
import { openEmbeddedSeries } from "./open.ts";

const folder = temporaryFolder("series");
afterAll(() => folder.remove());

const points = (from: number, atMs: number) =>
  Array.from({ length: 5 }, (_, i) => ({
    measurement: "mail_sources" as const,
    tags: { site: `s${from + i}` },
    atMs,
    fields: { distinct: 1 },
  }));

describe("embedded series store", () => {
  seriesContract((retention) => openEmbeddedSeries({ folder: folder.path, ...(retention && { retention }) }));

  test("series beyond the limit are dropped and counted; expired ones make room", async () => {
    const own = temporaryFolder("cardinality");
    const store = await openEmbeddedSeries({ folder: own.path, seriesLimit: 3, retention: { "10s": 60, "1m": 60 } });
    expect(await store.write("10s", points(0, 1_000))).toEqual({ written: 3, dropped: 2 });
    expect(await store.write("10s", points(0, 2_000))).toEqual({ written: 3, dropped: 2 });
    await store.expire(70_000);
    expect(await store.write("10s", points(10, 70_000))).toEqual({ written: 3, dropped: 2 });
    await store.close();
    own.remove();
  });

  test("one writer a folder", async () => {
    const own = temporaryFolder("series-lock");
    const store = await openEmbeddedSeries({ folder: own.path });
    await expect(openEmbeddedSeries({ folder: own.path })).rejects.toThrow(/another Mailtide/);
    await store.close();
    await (await openEmbeddedSeries({ folder: own.path })).close();
    own.remove();
  });
});
