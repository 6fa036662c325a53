import type { DependencyView, EpochMs, Seconds, Severity } from "@mailtide/shared";
import type { Signal } from "../alert/signal.ts";
import { sentence } from "../text/sentence.ts";
import { action, lines, signal } from "./build.ts";
import { showLocks, showSessions, type SqlKind } from "./commands.ts";
import { follow, type Since } from "./follow.ts";
import { impactOf, isHit } from "./impact.ts";
import { defineRule, type RuleInput } from "./rule.ts";
import { databases, type SqlView } from "./sql.ts";

const id = "database-unresponsive";
const defaults = {
  /** A query this slow is as bad as no answer, once it lasts. */
  slowSeconds: 2,
  slowForSeconds: 30,
  clearSeconds: 1,
  /** One failed probe is on the screen at once; it becomes a ticket, then a page, as it lasts. */
  ticketAfterSeconds: 10,
  pageAfterSeconds: 60,
};
type Options = typeof defaults;

/** The database that mail flow asks does not answer, or far too slowly. */
export const databaseUnresponsive = defineRule<Options, Since>({
  id,
  defaults,
  emptyMemory: {},
  evaluate(input, memory, options) {
    const { nowMs } = input;
    const level = (view: SqlView): Signal["level"] => levelOf(view, options);
    return follow(databases(input), memory, nowMs, level, (view, said, startedAtMs) => {
      const lastedSeconds = (nowMs - (startedAtMs ?? nowMs)) / 1000;
      return signal(
        id,
        view.id,
        {
          level: said,
          cause: "database-unresponsive",
          severity: severityOf(input, view, lastedSeconds, options),
          forSeconds: view.state === "failing" ? 0 : options.slowForSeconds,
          startedAtMs,
        },
        () => ({
          title: sentence(view.state === "failing" ? "database.no-answer" : "database.slow", { dependency: view.id }),
          evidence: evidence(view, lastedSeconds, startedAtMs ?? nowMs, options),
          actions: actions(view.id, view.type, view.state === "failing"),
        }),
      );
    });
  },
  sample: (atMs) => [
    signal(
      id,
      "mail-db",
      {
        level: "bad",
        cause: "database-unresponsive",
        severity: "page",
        startedAtMs: atMs - 95_000,
      },
      () => ({
        title: sentence("database.no-answer", { dependency: "mail-db" }),
        evidence: [
          sentence("database.failing-for", { seconds: 95, sinceMs: atMs - 95_000 }),
          sentence("database.just-failed", { seconds: 2 }),
        ],
        actions: actions("mail-db", "postgres", true),
      }),
    ),
  ],
});

/** One that answers and takes no writes, or whose copy is behind, has a rule of its own for that. */
function levelOf(
  { state, fault, latencySeconds }: DependencyView,
  { slowSeconds, clearSeconds }: Options,
): Signal["level"] {
  if (state === "failing" && fault === undefined) return "bad";
  if (state === "unknown" || latencySeconds === null) return "unknown";
  if (latencySeconds >= slowSeconds) return "bad";
  return latencySeconds < clearSeconds ? "clear" : "between";
}

function severityOf(input: RuleInput, { state }: DependencyView, lasted: Seconds, options: Options): Severity {
  if (lasted >= options.ticketAfterSeconds && isHit(impactOf(input))) return "page";
  if (state === "failing" && lasted >= options.pageAfterSeconds) return "page";
  return lasted >= options.ticketAfterSeconds ? "ticket" : "info";
}

function evidence(view: DependencyView, lasted: Seconds, sinceMs: EpochMs, options: Options): Signal["evidence"] {
  const seconds = view.latencySeconds;
  if (view.state !== "failing")
    return lines(seconds !== null && sentence("database.latency", { seconds, limit: options.slowSeconds }), view.note);
  return lines(
    sentence("database.failing-for", { seconds: lasted, sinceMs }),
    seconds !== null && sentence("database.just-failed", { seconds }),
    // Refused, no route, no right: what is to be done differs.
    view.note,
  );
}

/** A server that does not answer cannot be asked: there is no SQL to copy then. */
function actions(dependency: string, kind: SqlKind, failing: boolean): Signal["actions"] {
  const look = action(sentence("action.check-server", { dependency }));
  if (failing) return [look];
  return [
    action(sentence("action.show-locks", { dependency }), showLocks[kind]),
    action(sentence("action.show-sessions", { dependency }), showSessions[kind]),
    look,
  ];
}
