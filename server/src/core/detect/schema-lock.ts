import type { Severity } from "@mailtide/shared";
import type { Signal } from "../alert/signal.ts";
import { type Lock, worstLock } from "../dependency/lock.ts";
import { sentence } from "../text/sentence.ts";
import { action, lines, signal } from "./build.ts";
import { cancelStatement, endSession, showLocks, type SqlKind } from "./commands.ts";
import { impactOf, isHit } from "./impact.ts";
import { defineRule, type RuleInput } from "./rule.ts";
import { databases, isAnswering, maskLiterals, statementKind } from "./sql.ts";

const id = "schema-lock";
const defaults = {
  /** A schema change that holds others for less is everyday work. */
  minSeconds: 3,
  /** It wakes somebody after this time, or with this many held sessions, or as soon as mail suffers. */
  pageAfterSeconds: 30,
  pageSessions: 20,
};

/**
 * A ping answers in half a millisecond while a DROP TABLE waits behind a long transaction and every reader of that table
 * waits behind the DROP: only the locks show it.
 */
export const schemaLock = defineRule({
  id,
  defaults,
  emptyMemory: null,
  evaluate(input, memory, options) {
    const signals = databases(input).map((view) => {
      const lock = view.sql === null ? null : worstLock(view.sql);
      const cannotSee = !isAnswering(view) || view.sql === null;
      const bad = lock !== null && lock.blocked.length > 0 && lock.seconds >= options.minSeconds;
      return signal(
        id,
        view.id,
        {
          level: cannotSee ? "unknown" : bad ? "bad" : lock === null ? "clear" : "between",
          cause: "schema-lock",
          severity: lock === null ? "ticket" : severityOf(input, lock, options),
          startedAtMs: lock === null ? null : (view.sql?.lockSinceMs ?? null),
        },
        () => ({
          title: sentence("database.schema-lock", { dependency: view.id }),
          evidence: lock === null ? [] : evidence(lock, view.sql?.longestTransactionSeconds ?? null),
          actions: lock === null ? [] : actions(lock, view.id, view.type),
        }),
      );
    });
    return { signals, memory };
  },
  sample(atMs) {
    const lock: Lock = {
      session: "48213",
      statement: "DROP TABLE test_messages",
      seconds: 370,
      granted: false,
      blocked: Array.from({ length: 214 }, (_, at) => String(50_000 + at)),
      blocker: "47991",
    };
    return [
      signal(
        id,
        "mail-db",
        {
          level: "bad",
          cause: "schema-lock",
          severity: "page",
          startedAtMs: atMs - 370_000,
        },
        () => ({
          title: sentence("database.schema-lock", { dependency: "mail-db" }),
          evidence: evidence(lock, 1920),
          actions: actions(lock, "mail-db", "postgres"),
        }),
      ),
    ];
  },
});

function severityOf(input: RuleInput, lock: Lock, options: typeof defaults): Severity {
  const long = lock.seconds >= options.pageAfterSeconds || lock.blocked.length >= options.pageSessions;
  return long || isHit(impactOf(input)) ? "page" : "ticket";
}

function evidence(lock: Lock, longestTransactionSeconds: number | null): Signal["evidence"] {
  const { session, seconds, blocker } = lock;
  const facts = { statement: statementKind(lock.statement), session, blocked: lock.blocked.length, seconds };
  return lines(
    sentence(lock.granted ? "database.ddl-holds" : "database.ddl-waits", facts),
    blocker !== null &&
      (longestTransactionSeconds === null
        ? sentence("database.blocked-by", { session, blocker })
        : sentence("database.blocked-by-transaction", { session, blocker, seconds: longestTransactionSeconds })),
    lock.blocked[0] !== undefined && sentence("database.blocked-by", { session: lock.blocked[0], blocker: session }),
    sentence("database.statement", { statement: maskLiterals(lock.statement) }),
  );
}

/**
 * Cancelling a change that still waits frees everybody and loses nothing. One that holds its lock inside an open
 * transaction has nothing left to cancel: its session must end.
 */
function actions(lock: Lock, dependency: string, kind: SqlKind): Signal["actions"] {
  const { session, blocker, granted } = lock;
  const cancel = cancelStatement(kind, session);
  const end = endSession(kind, session);
  const endBlocker = blocker === null ? null : endSession(kind, blocker);
  return [
    ...(cancel === null ? [] : [action(sentence("action.cancel-statement", { session, dependency }), cancel)]),
    ...(end === null || !granted ? [] : [action(sentence("action.end-session", { session, dependency }), end)]),
    ...(endBlocker === null || blocker === null
      ? []
      : [action(sentence("action.end-blocker", { session: blocker, dependency }), endBlocker)]),
    action(sentence("action.show-locks", { dependency }), showLocks[kind]),
  ];
}
