import type { Cause, DependencyType, DependencyView, EpochMs, Seconds, Severity } from "@mailtide/shared";
import type { Signal } from "../alert/signal.ts";
import { sentence } from "../text/sentence.ts";
import { action, lines, signal } from "./build.ts";
import { impactOf, isHit } from "./impact.ts";
import { defineRule, remember, type RuleInput } from "./rule.ts";

const id = "dependency-trouble";
const defaults = {
  /** Far slower than usual, or than allowed, for so long. */
  slowForSeconds: 60,
  /** One failed probe is on the screen at once; it becomes a ticket, then a page, as it lasts. */
  ticketAfterSeconds: 20,
  pageAfterSeconds: 180,
};
type Options = typeof defaults;

/** Dependency -> since when it is in trouble. */
type Memory = Readonly<Record<string, EpochMs>>;

type Kind = Exclude<DependencyType, "postgres" | "mysql">;
interface Trouble {
  readonly cause: Cause;
  /** Mail stops without it, sooner or later: then it wakes somebody before the first mail is late. */
  readonly stopsMail: boolean;
}

/** What goes wrong with mail when this kind fails. Databases have rules of their own, which see more. */
const troubles: Readonly<Record<Kind, Trouble>> = {
  redis: { cause: "database-unresponsive", stopsMail: true },
  ldap: { cause: "ldap-failure", stopsMail: true },
  dns: { cause: "dns-failure", stopsMail: true },
  filter: { cause: "filter-slow", stopsMail: true },
  smtp: { cause: "delivery-slow", stopsMail: true },
  roundtrip: { cause: "delivery-slow", stopsMail: true },
  http: { cause: "delivery-slow", stopsMail: false },
  tcp: { cause: "delivery-slow", stopsMail: false },
  disk: { cause: "spool-full", stopsMail: false },
  certificate: { cause: "certificate-expired", stopsMail: false },
};

/** As many as the screen keeps in view. */
const mostFollowed = 256;

/** Something that mail flow needs fails, or answers far more slowly than it does. */
export const dependencyTrouble = defineRule<Options, Memory>({
  id,
  defaults,
  emptyMemory: {},
  evaluate(input, memory, options) {
    const since: Record<string, EpochMs> = {};
    const signals: Signal[] = [];
    for (const view of input.sections.dependencies.dependencies) {
      if (!isOther(view.type) || signals.length >= mostFollowed) continue;
      const level = levels[view.state];
      // A restart between two probes must not forget how long it has lasted already.
      if (level === "bad" || (level === "unknown" && memory[view.id] !== undefined))
        since[view.id] = memory[view.id] ?? onset(view, input.nowMs);
      signals.push(signalOf(input, view, view.type, since[view.id] ?? null, options));
    }
    return { signals, memory: remember(memory, since) };
  },
  sample: (atMs) => [
    signal(
      id,
      "resolver-1",
      { level: "bad", cause: "dns-failure", severity: "page", startedAtMs: atMs - 200_000 },
      () => ({
        title: sentence("dependency.fails", { dependency: "resolver-1", kind: "DNS" }),
        evidence: [sentence("dependency.failed-for", { seconds: 200, sinceMs: atMs - 200_000 })],
        actions: actions("dns", "resolver-1"),
      }),
    ),
  ],
});

const isOther = (type: DependencyType): type is Kind => Object.hasOwn(troubles, type);

const levels: Readonly<Record<DependencyView["state"], Signal["level"]>> = {
  ok: "clear",
  slow: "bad",
  failing: "bad",
  unknown: "unknown",
};

function signalOf(
  input: RuleInput,
  view: DependencyView,
  type: Kind,
  sinceMs: EpochMs | null,
  options: Options,
): Signal {
  const lastedSeconds = (input.nowMs - (sinceMs ?? input.nowMs)) / 1000;
  return signal(
    id,
    view.id,
    {
      level: levels[view.state],
      cause: troubles[type].cause,
      severity: severityOf(input, view, troubles[type], lastedSeconds, options),
      forSeconds: view.state === "failing" ? 0 : options.slowForSeconds,
      startedAtMs: sinceMs,
    },
    () => ({
      title: titleOf(type, view),
      evidence: lines(
        view.note,
        view.state === "failing" &&
          sinceMs !== null &&
          sentence("dependency.failed-for", { seconds: lastedSeconds, sinceMs }),
      ),
      actions: actions(type, view.id),
    }),
  );
}

/** The probe that failed began to wait before it gave up. */
const onset = ({ checkedAtMs, latencySeconds }: DependencyView, nowMs: EpochMs): EpochMs =>
  Math.min(nowMs, (checkedAtMs ?? nowMs) - (latencySeconds ?? 0) * 1000);

function severityOf(
  input: RuleInput,
  { state }: DependencyView,
  { stopsMail }: Trouble,
  lasted: Seconds,
  options: Options,
): Severity {
  if (lasted >= options.ticketAfterSeconds && isHit(impactOf(input))) return "page";
  if (state === "failing" && stopsMail && lasted >= options.pageAfterSeconds) return "page";
  return lasted >= options.ticketAfterSeconds ? "ticket" : "info";
}

const words: Readonly<Record<Kind, string>> = {
  redis: "Redis",
  ldap: "LDAP",
  dns: "DNS",
  filter: "content filter",
  smtp: "SMTP hop",
  roundtrip: "probe mail",
  http: "HTTP",
  tcp: "TCP",
  disk: "disk",
  certificate: "certificate",
};

function titleOf(type: Kind, { id: dependency, state }: DependencyView): Signal["title"] {
  if (type === "disk") return sentence("dependency.full", { dependency });
  if (type === "certificate") return sentence("dependency.certificate", { dependency });
  if (type === "roundtrip") return sentence("dependency.roundtrip", { dependency });
  return sentence(state === "failing" ? "dependency.fails" : "dependency.slow-now", { dependency, kind: words[type] });
}

const actions = (type: Kind, dependency: string): Signal["actions"] => [
  action(sentence(type === "certificate" ? "action.renew-certificate" : "action.check-server", { dependency })),
];
