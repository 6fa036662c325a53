import { collectorId, dependencyId, nodeId, type NodeId } from "@mailtide/shared";
import { expect, test } from "vitest";
import { epochMs, mx } from "../test/model/lines.ts";
import { newCore } from "../test/model/site-core.ts";
import type { Observation } from "./core/observation.ts";
import { encodeTick } from "./flow/journal.ts";
import { recoverCore } from "./stores.ts";

const old = nodeId("old");
const expected = (node: NodeId) => ({ id: collectorId(`${node}/agent`), node, required: true, limitSeconds: 15 });

/** What a node's agent says of itself, of its log and of what it probes, and what the server probes. */
function said(node: NodeId, atMs: number): Observation[] {
  const health = (name: string): Observation => ({
    kind: "health",
    collector: collectorId(`${node}/${name}`),
    node,
    required: true,
    limitSeconds: 15,
    state: "ok",
    problem: null,
    atMs,
  });
  const probe = (id: string): Observation => ({
    kind: "probe",
    id: dependencyId(id),
    type: "tcp",
    ok: false,
    latencySeconds: 1,
    error: "connection refused",
    atMs,
  });
  return [health("agent"), health("postfix-log"), probe(`${node}/store`), probe("cache")];
}

test.each(["in the checkpoint", "in the journal alone"])(
  "a host and a dependency that are no longer configured are over at the next start, also %s",
  async (where) => {
    const turns = [0, 1, 2].map((second) => {
      const nowMs = epochMs + second * 1_000;
      return { nowMs, observations: [...said(mx, nowMs), ...said(old, nowMs)], commands: [], pagesSent: [] };
    });
    const before = newCore([expected(mx), expected(old)], [mx, old]);
    const inCheckpoint = where === "in the checkpoint" ? turns.length : 0;
    for (const turn of turns.slice(0, inCheckpoint)) before.turn(turn);
    const checkpoint = { nowMs: epochMs + 2_000, journalSeq: inCheckpoint, parts: before.save() };

    const core = newCore([expected(mx)], [mx]);
    async function* journal() {
      for (const [at, turn] of turns.entries())
        if (at >= inCheckpoint) yield { journalSeq: at + 1, journal: encodeTick(turn) };
    }
    await recoverCore(core, { checkpoint, positions: new Map(), journal });

    const nowMs = epochMs + 60_000;
    const { sections } = core.turn({ nowMs, observations: said(mx, nowMs).slice(0, 2), commands: [], pagesSent: [] });
    expect(sections.freshness.collectors.map(({ id }) => id)).toEqual(["mx/agent", "mx/postfix-log"]);
    // What is not asked by who is there is gone with who asked it.
    expect(sections.dependencies.dependencies.map(({ id }) => id)).toEqual(["mx/store"]);
  },
);

test("a state whose content is damaged is refused in words that say where, and what to do", async () => {
  const nowMs = epochMs;
  const sound = encodeTick({ nowMs, observations: said(mx, nowMs), commands: [], pagesSent: [] });
  const parts = newCore([expected(mx)], [mx]).save();
  const recover = (journal: Uint8Array, cut: number): Promise<unknown> => {
    async function* turns() {
      yield { journalSeq: 8, journal };
    }
    const kept = [...parts].map(([name, { format, text }]) => [name, { format, text: text.slice(cut) }] as const);
    const checkpoint = { nowMs, journalSeq: 7, parts: new Map(kept) };
    return recoverCore(newCore([expected(mx)], [mx]), { checkpoint, positions: new Map(), journal: turns });
  };
  await expect(recover(sound, 0)).resolves.toMatchObject({ journalSeq: 8 });
  const mend = "restore a backup of the state folder, or move state.db away to begin anew";
  const refused = (what: string): RegExp => new RegExp(`^${what} in state\\.db cannot be read \\(.+\\): ${mend}$`);
  await expect(recover(sound.subarray(0, 40), 0)).rejects.toThrow(refused("turn 8 of the journal"));
  await expect(
    recover(
      sound.map((byte, at) => (at === 20 ? byte ^ 0xff : byte)),
      0,
    ),
  ).rejects.toThrow(refused("turn 8 of the journal"));
  await expect(recover(sound, 1)).rejects.toThrow(refused("the checkpoint"));
});
