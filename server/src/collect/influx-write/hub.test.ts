import { collectorId, nodeId } from "@mailtide/shared";
import { expect, test } from "vitest";
import { longestTurn } from "../../../test/processor-time.ts";
import type { CollectorContext } from "../collector.ts";
import { rowsOf } from "../counts/mapping.ts";
import { WriteHub } from "./hub.ts";

/** Two nodes that take points, the second by the tag host. */
function hub() {
  const clock = { nowMs: Date.UTC(2026, 0, 5, 12) };
  const said: string[] = [];
  const writes = new WriteHub();
  for (const [name, hosts] of [
    ["mx3", null],
    ["mx4", new Set(["mx4.example.org"])],
  ] as const) {
    const context: CollectorContext = {
      position: undefined,
      now: () => clock.nowMs,
      sink: async ({ committed }) => committed?.(),
      health: (state, problem) => void said.push(`${name} ${state}${problem === null ? "" : ` ${problem}`}`),
      knownIds: () => ({ has: () => false, acceptedBefore: () => new Set() }),
      point: () => undefined,
    };
    const [id, node] = [collectorId(`${name}/influx-write`), nodeId(name)];
    writes.open({ id, node, hosts, rows: rowsOf(["telegraf-postfix"]), limitSeconds: 60, context: () => context });
  }
  const heard = (): string[] => said.splice(0);
  const write = (name: string) =>
    writes.write(nodeId(name), `postfix_queue,host=${name}.example.org,queue=active length=1i`, "ns", clock.nowMs);
  return { writes, heard, write, pass: (seconds: number) => void (clock.nowMs += seconds * 1000) };
}

const why = "its token old was revoked";
const told = (name: string): string =>
  `${name} failing who writes its points, at 192.0.2.9, was refused: ${why}; give it a token that is good`;

test("a token that is good no more is named at its node alone, once nothing else comes, and not at every knock", async () => {
  const { writes, heard, write, pass } = hub();
  const knock = (node: string | null): void => writes.turnedAway(node === null ? null : nodeId(node), why, "192.0.2.9");
  await write("mx3");
  expect(heard()).toEqual(["mx3 ok"]);
  knock("mx3");
  pass(60);
  knock("mx3");
  knock("mx9");
  expect(heard()).toEqual([]);
  pass(1);
  for (let each = 0; each < 100; each += 1) knock("mx3");
  expect(heard()).toEqual([told("mx3")]);
  pass(5);
  knock("mx3");
  expect(heard()).toEqual([told("mx3")]);
  await write("mx3");
  expect(heard()).toEqual(["mx3 ok"]);
});

test("one without a node wrote for those that are known by their host", () => {
  const { writes, heard, pass } = hub();
  writes.turnedAway(null, why, "192.0.2.9");
  pass(61);
  writes.turnedAway(null, why, "192.0.2.9");
  expect(heard()).toEqual([told("mx4")]);
});

test("a body of as many points as are taken holds nobody up, and of many instants the newest are kept", async () => {
  const { writes, heard } = hub();
  const atMs = Date.UTC(2026, 0, 5, 12);
  const point = (ms: number): string => `postfix_queue,queue=active length=1i ${atMs - (ms % 50_000)}`;
  const text = Array.from({ length: 100_000 }, (_, n) => point(n)).join("\n");
  // Five milliseconds at a time where nothing else runs; in one of a few runs little garbage is collected.
  let seconds = Infinity;
  for (let run = 0; run < 3 && seconds >= 0.3; run++) {
    const longest = await longestTurn(async () => {
      expect(await writes.write(nodeId("mx3"), text, "ms", atMs)).toEqual({ kind: "ok", error: null });
    });
    expect(heard()).toEqual(["mx3 ok"]);
    seconds = Math.min(seconds, longest);
  }
  expect(seconds).toBeLessThan(0.3);
});

test("points of a host that no node names are said with what to do, and only as many kinds as there are", async () => {
  const { writes } = hub();
  const nowMs = Date.UTC(2026, 0, 5, 12);
  await writes.write(undefined, "postfix_queue,host=mx9.example.org,queue=active length=1i", "ns", nowMs);
  const said: (string | null)[] = [];
  const own = writes.collector();
  await own.start({
    position: undefined,
    now: () => nowMs,
    sink: () => Promise.resolve(),
    health: (_state, problem) => void said.push(problem),
    knownIds: () => ({ has: () => false, acceptedBefore: () => new Set() }),
    point: () => undefined,
  });
  await own.stop();
  expect(said).toEqual([
    "1 point dropped that is of no node, the last of mx9.example.org: name it below host of an influx-write",
  ]);
});
