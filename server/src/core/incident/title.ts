import type { Sentence } from "@mailtide/shared";
import { sentence } from "../text/sentence.ts";
import { type Alert, byOnset, type Incident, worse } from "./incident.ts";

/** Rules that tell what customers feel; a title prefers why. */
const symptomRules: ReadonlySet<string> = new Set(["late-mail", "expected-wait", "stuck-messages"]);
export const isSymptom = (alert: Pick<Alert, "rule">): boolean => symptomRules.has(alert.rule);

/**
 * What began first, and the worst of what followed: `Spoofing flood, then a locked database`. While it is open, of what is
 * still wrong, if anything is: alerts stay within it for a while after they are clear. Of one that is over, of all.
 */
export function incidentTitle(incident: Incident): Sentence {
  const whole = byOnset(incident);
  const wrong = incident.resolvedAtMs === null ? whole.filter(({ clearSinceMs }) => clearSinceMs === null) : [];
  const ordered = wrong.length > 0 ? wrong : whole;
  const reasons = ordered.filter((alert) => !isSymptom(alert));
  const [first, ...later] = reasons.length > 0 ? reasons : ordered;
  if (first === undefined) return sentence("incident.one", { cause: "change" });
  const next = worst(later.filter((alert) => alert.cause !== first.cause));
  if (next === undefined || reasons.length === 0) return first.title;
  const together = next.startedAtMs - first.startedAtMs < 60_000;
  return sentence(together ? "incident.and" : "incident.then", { first: first.cause, next: next.cause });
}

function worst(alerts: readonly Alert[]): Alert | undefined {
  return alerts.reduce<Alert | undefined>(
    (best, alert) =>
      best === undefined ||
      (alert.severity !== best.severity && worse(alert.severity, best.severity) === alert.severity)
        ? alert
        : best,
    undefined,
  );
}
