import type { DependencyView, EpochMs } from "@mailtide/shared";
import { sentence } from "../text/sentence.ts";
import { action, levelOf, lines, signal } from "./build.ts";
import { showSessions, type SqlKind } from "./commands.ts";
import { impactOf, isHit } from "./impact.ts";
import { defineRule, remember } from "./rule.ts";
import { databases } from "./sql.ts";

const id = "database-saturated";
const defaults = {
  forSeconds: 15,
  badShare: 0.9,
  clearShare: 0.8,
  /** Full for this long wakes somebody: new sessions are being refused. */
  fullShare: 0.98,
  pageAfterSeconds: 60,
};

/** Dependency -> since when it is full. */
type Memory = Readonly<Record<string, EpochMs>>;

/** The connections that the server allows are nearly used up: the next process that asks is refused. */
export const databaseSaturated = defineRule<typeof defaults, Memory>({
  id,
  defaults,
  emptyMemory: {},
  evaluate(input, memory, options) {
    const fullSince: Record<string, EpochMs> = {};
    const signals = databases(input).map((view) => {
      const { used, max, share } = connections(view);
      if (share >= options.fullShare) fullSince[view.id] = memory[view.id] ?? input.nowMs;
      const fullSeconds = (input.nowMs - (fullSince[view.id] ?? input.nowMs)) / 1000;
      const pages = isHit(impactOf(input)) || fullSeconds >= options.pageAfterSeconds;
      return signal(
        id,
        view.id,
        {
          level:
            view.state === "failing" && view.fault === undefined
              ? "unknown"
              : levelOf(share, options.badShare, options.clearShare),
          cause: "database-saturated",
          severity: pages ? "page" : "ticket",
          forSeconds: options.forSeconds,
        },
        () => ({
          title: sentence("database.saturated", { dependency: view.id }),
          evidence: lines(
            sentence("database.connections", { used, max, share: Number.isFinite(share) ? share : 0 }),
            sentence("database.connections-full"),
          ),
          actions: actions(view.id, view.type),
        }),
      );
    });
    return { signals, memory: remember(memory, fullSince) };
  },
  sample: () => [
    signal(
      id,
      "mail-db",
      {
        level: "bad",
        cause: "database-saturated",
        severity: "page",
      },
      () => ({
        title: sentence("database.saturated", { dependency: "mail-db" }),
        evidence: [
          sentence("database.connections", { used: 149, max: 151, share: 149 / 151 }),
          sentence("database.connections-full"),
        ],
        actions: actions("mail-db", "mysql"),
      }),
    ),
  ],
});

/** The share is NaN where the server did not say. */
function connections({ sql }: DependencyView): { readonly used: number; readonly max: number; readonly share: number } {
  const used = sql?.connectionsUsed ?? null;
  const max = sql?.connectionsMax ?? null;
  if (used === null || max === null || max <= 0) return { used: 0, max: 0, share: Number.NaN };
  return { used, max, share: used / max };
}

const actions = (dependency: string, kind: SqlKind): ReturnType<typeof action>[] => [
  action(sentence("action.show-sessions", { dependency }), showSessions[kind]),
];
