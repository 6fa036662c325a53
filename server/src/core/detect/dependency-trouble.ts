import type { Cause, DependencyType, DependencyView, EpochMs, ProbeFault, Seconds, Severity } from "@mailtide/shared";
import type { Signal } from "../alert/signal.ts";
import { sentence } from "../text/sentence.ts";
import { action, lines, signal } from "./build.ts";
import { showReplication, showWrites } from "./commands.ts";
import { follow, type Since } from "./follow.ts";
import { impactOf, isHit } from "./impact.ts";
import { defineRule, type RuleInput } from "./rule.ts";

const id = "dependency-trouble";
const defaults = {
  /** Far slower than usual, or than allowed, for so long. */
  slowForSeconds: 60,
  /** One failed probe is on the screen at once; it becomes a ticket, then a page, as it lasts. */
  ticketAfterSeconds: 20,
  pageAfterSeconds: 180,
};
type Options = typeof defaults;

interface Trouble {
  readonly cause: Cause;
  /** Mail stops without it, sooner or later: then it wakes somebody before the first mail is late. */
  readonly stopsMail: boolean;
}

/** What goes wrong with mail when this kind fails. */
const troubles: Readonly<Record<DependencyType, Trouble>> = {
  postgres: { cause: "database-unresponsive", stopsMail: true },
  mysql: { cause: "database-unresponsive", stopsMail: true },
  redis: { cause: "database-unresponsive", stopsMail: true },
  ldap: { cause: "ldap-failure", stopsMail: true },
  dns: { cause: "dns-failure", stopsMail: true },
  filter: { cause: "filter-slow", stopsMail: true },
  smtp: { cause: "delivery-slow", stopsMail: true },
  roundtrip: { cause: "delivery-slow", stopsMail: true },
  http: { cause: "delivery-slow", stopsMail: false },
  tcp: { cause: "delivery-slow", stopsMail: false },
  disk: { cause: "spool-full", stopsMail: true },
  certificate: { cause: "certificate-expired", stopsMail: false },
};

/** What answers, and fails in a way of its own, is called by that. */
const faults: Readonly<Record<ProbeFault, Trouble>> = {
  writes: { cause: "writes-refused", stopsMail: true },
  replication: { cause: "replication-lag", stopsMail: false },
  full: { cause: "spool-full", stopsMail: true },
};

/** Something that mail flow needs fails, or answers far more slowly than it does. */
export const dependencyTrouble = defineRule<Options, Since>({
  id,
  defaults,
  emptyMemory: {},
  evaluate(input, memory, options) {
    const ours = input.sections.dependencies.dependencies.filter((view) => !isLeftToOthers(view, memory));
    return follow(ours, memory, input.nowMs, levelOf, (view, level, sinceMs) =>
      signalOf(input, view, level, sinceMs, options),
    );
  },
  sample: (atMs) => [
    signal(
      id,
      "resolver-1",
      { level: "bad", cause: "dns-failure", severity: "page", startedAtMs: atMs - 200_000 },
      () => ({
        title: sentence("dependency.fails", { dependency: "resolver-1", kind: "DNS" }),
        evidence: [sentence("dependency.failed-for", { seconds: 200, sinceMs: atMs - 200_000 })],
        actions: actions({ type: "dns", id: "resolver-1" }),
      }),
    ),
    signal(
      id,
      "mail-db",
      { level: "bad", cause: "writes-refused", severity: "page", startedAtMs: atMs - 240_000 },
      () => ({
        title: sentence("dependency.no-writes", { dependency: "mail-db" }),
        evidence: [
          sentence("dependency.no-writes-means"),
          sentence("dependency.failed-for", { seconds: 240, sinceMs: atMs - 240_000 }),
        ],
        actions: actions({ type: "postgres", id: "mail-db", fault: "writes" }),
      }),
    ),
  ],
});

/** The round trip has a rule of its own, and so have databases, which see more; but for what they do not look at. */
const isLeftToOthers = ({ id: dependency, type, fault }: DependencyView, memory: Since): boolean =>
  type === "roundtrip" || (isSql(type) && fault === undefined && memory[dependency] === undefined);
const isSql = (type: DependencyType): type is "postgres" | "mysql" => type === "postgres" || type === "mysql";

/** A database that no longer answers tells nothing of its copies. */
function levelOf({ type, state, fault }: DependencyView): Signal["level"] {
  if (isSql(type) && fault === undefined)
    return state === "failing" ? "unknown" : levels[state === "slow" ? "ok" : state];
  return levels[state];
}

const levels: Readonly<Record<DependencyView["state"], Signal["level"]>> = {
  ok: "clear",
  slow: "bad",
  failing: "bad",
  unknown: "unknown",
};

function signalOf(
  input: RuleInput,
  view: DependencyView,
  level: Signal["level"],
  sinceMs: EpochMs | null,
  options: Options,
): Signal {
  const lastedSeconds = (input.nowMs - (sinceMs ?? input.nowMs)) / 1000;
  const trouble = view.fault === undefined || view.type === "disk" ? troubles[view.type] : faults[view.fault];
  return signal(
    id,
    view.id,
    {
      level,
      cause: trouble.cause,
      severity: severityOf(input, view, trouble, lastedSeconds, options),
      forSeconds: view.state === "failing" ? 0 : options.slowForSeconds,
      startedAtMs: sinceMs,
    },
    () => ({
      title: titleOf(view),
      evidence: lines(
        view.note,
        ...faultEvidence(view),
        view.state === "failing" &&
          sinceMs !== null &&
          sentence("dependency.failed-for", { seconds: lastedSeconds, sinceMs }),
      ),
      actions: actions(view),
    }),
  );
}

/** A spool without room refuses mail at once, and one that will have none within the hour is paged while that can be mended. */
function severityOf(
  input: RuleInput,
  { state, fault }: DependencyView,
  { stopsMail }: Trouble,
  lasted: Seconds,
  options: Options,
): Severity {
  if (lasted >= options.ticketAfterSeconds && (fault === "full" || isHit(impactOf(input)))) return "page";
  if (state === "failing" && stopsMail && lasted >= options.pageAfterSeconds) return "page";
  return lasted >= options.ticketAfterSeconds ? "ticket" : "info";
}

const kinds: Readonly<Record<DependencyType, string>> = {
  postgres: "PostgreSQL",
  mysql: "MySQL",
  redis: "Redis",
  ldap: "LDAP",
  dns: "DNS",
  filter: "content filter",
  smtp: "SMTP hop",
  roundtrip: "test mail",
  http: "HTTP",
  tcp: "TCP",
  disk: "disk",
  certificate: "certificate",
};

function titleOf({ id: dependency, type, state, fault, note }: DependencyView): Signal["title"] {
  if (fault === "writes") return sentence("dependency.no-writes", { dependency });
  if (fault === "replication") return sentence("dependency.behind", { dependency });
  if (fault === "full") return sentence("dependency.no-room", { dependency });
  if (type === "disk" && state === "slow") return sentence("dependency.full", { dependency });
  if (type === "certificate") return sentence("dependency.certificate", { dependency });
  const kind = kinds[type];
  if (state === "failing") return sentence("dependency.fails", { dependency, kind });
  return sentence(note?.id === "dependency.concern" ? "dependency.concern" : "dependency.slow-now", {
    dependency,
    kind,
  });
}

function faultEvidence({ fault, sql }: DependencyView): Signal["evidence"] {
  if (fault === "full") return [sentence("dependency.no-room-means")];
  if (fault === "writes") return [sentence("dependency.no-writes-means")];
  const seconds = fault === "replication" ? sql?.replicationLagSeconds : undefined;
  return seconds === undefined ? [] : [sentence("dependency.lag", { seconds })];
}

function actions({ id: dependency, type, fault }: Pick<DependencyView, "type" | "fault"> & { id: string }) {
  const look = action(
    sentence(type === "certificate" ? "action.renew-certificate" : "action.check-server", { dependency }),
  );
  if (!(isSql(type) || type === "redis") || fault === undefined) return [look];
  const ask =
    fault === "writes"
      ? action(sentence("action.show-writes", { dependency }), showWrites[type])
      : action(sentence("action.show-replication", { dependency }), showReplication[type]);
  return [ask, look];
}
