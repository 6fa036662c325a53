import type { EpochMs, Seconds } from "@mailtide/shared";
import type { Agenda } from "../agenda.ts";
import type { Conditions, DaySink, Usage } from "../engine/world.ts";
import type { Random } from "../random.ts";
import type { Calendar } from "../scenario/calendar.ts";
import type { Scenario } from "../scenario/schema.ts";
import { type Look, sqlDetails } from "./sql.ts";
import { type EventOf, eventsOf, isOn, type Timed } from "./timeline.ts";

type Dependency = Scenario["dependencies"][number];

/** A probe gives up here. */
const deadlineSeconds: Seconds = 5;
const sqlTypes: ReadonlySet<string> = new Set(["postgres", "mysql"]);
/** Even a database that hangs answers now and then. */
const luckyShare = 0.03;

export interface ProbeParts {
  readonly scenario: Scenario;
  readonly calendar: Calendar;
  readonly agenda: Agenda;
  readonly conditions: Conditions;
  readonly usage: Usage;
  readonly sink: Pick<DaySink, "probe">;
  random(): Random;
}

/** Tries every dependency at its interval and writes what a probe would see, as rows of `probes.jsonl`. */
export function startProbes(parts: ProbeParts): void {
  const { scenario, calendar, agenda, conditions, usage, sink } = parts;
  const events = eventsOf(scenario, calendar, "dependency");
  for (const dependency of scenario.dependencies) {
    const random = parts.random();
    const own = events.filter((event) => event.id === dependency.id);
    const stepMs = Math.max(1, dependency.everySeconds) * 1000;
    const probe = () => {
      const atMs = agenda.nowMs;
      const event = own.find((one) => isOn(one, atMs));
      const look: Look = {
        atMs,
        event,
        slowdown: conditions.dependency(dependency.id, atMs).slowdown,
        waiting: usage.waiting(dependency.id),
        refusalsPerSecond: usage.refusalsPerSecond(dependency.id),
      };
      sink.probe(JSON.stringify(row(dependency, look, random)));
      agenda.at(atMs + stepMs, probe);
    };
    agenda.at(agenda.nowMs + random.unit() * stepMs, probe);
  }
}

function row(dependency: Dependency, look: Look, random: Random): object {
  const { id, type, usualSeconds } = dependency;
  const head = { at: new Date(look.atMs).toISOString(), id, type };
  const failure = failureOf(dependency, look, random);
  const isSql = sqlTypes.has(type);
  if (failure !== null && failure.seconds >= deadlineSeconds)
    return { ...head, ok: false, latencySeconds: deadlineSeconds, error: failure.error };
  const seen = isSql ? { details: sqlDetails(dependency, look, random) } : {};
  if (failure !== null)
    return { ...head, ok: false, latencySeconds: round(failure.seconds), error: failure.error, ...seen };
  const seconds = random.lognormal(usualSeconds, 0.4) * probeSlowdown(type, look);
  return { ...head, ok: true, latencySeconds: round(Math.min(deadlineSeconds * 0.9, seconds)), ...seen };
}

/** A ping does not wait for the locks that the mail system's own look-ups wait for. */
const probeSlowdown = (type: string, look: Look): number =>
  sqlTypes.has(type) ? Math.sqrt(Math.min(look.slowdown, 1e6)) : Math.min(look.slowdown, 1e6);

function failureOf(dependency: Dependency, look: Look, random: Random): { seconds: Seconds; error: string } | null {
  const { event, atMs } = look;
  if (event === undefined) return null;
  const late = { seconds: deadlineSeconds, error: `no answer within ${deadlineSeconds} s` };
  const quick = random.lognormal(dependency.usualSeconds, 0.4);
  switch (event.state) {
    case "slow":
      return dependency.usualSeconds * look.slowdown > deadlineSeconds * 2 ? late : null;
    case "hung":
      return dependency.type === "dns" ? { ...late, error: "A mx.post-0.example: no answer" } : late;
    case "refusing":
      return { seconds: quick, error: refusal(dependency.type, event, atMs) };
    case "saturated": {
      // A place becomes free now and then.
      if (random.unit() < 0.1) return null;
      return {
        seconds: quick,
        error: dependency.type === "mysql" ? "Too many connections" : "sorry, too many clients already",
      };
    }
    case "schema-lock": {
      const isHung =
        atMs >= event.fromMs + event.hungAfterSeconds * 1000 && atMs < event.toMs - event.recoverSeconds * 1000;
      return isHung && random.unit() > luckyShare ? late : null;
    }
    default:
      return event.state satisfies never;
  }
}

function refusal(type: Dependency["type"], event: Timed<EventOf<"dependency">>, atMs: EpochMs): string {
  if (type === "certificate") return `the certificate ended on ${new Date(event.fromMs).toISOString().slice(0, 10)}`;
  if (type === "dns") return "A mx.post-0.example: SERVFAIL";
  if (type === "disk")
    return `${Math.max(0, 40 - Math.round((atMs - event.fromMs) / 60_000)) / 10} % of the space is free`;
  return "connection refused";
}

const round = (seconds: Seconds): Seconds => Math.round(seconds * 100_000) / 100_000;
