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
