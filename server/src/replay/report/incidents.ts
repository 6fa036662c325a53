import type { EpochMs } from "@mailtide/shared";
import { type Alert, type Incident, startedAtMs, worse } from "../../core/incident/incident.ts";
import { plain, type Reader } from "../../core/text/plain.ts";
import { iso } from "./instant.ts";
import { rankCauses } from "./ranking.ts";
import { toldCause } from "./told-cause.ts";
import type { ReportAlert, ReportIncident } from "./schema.ts";

type Site = Pick<Reader, "timezone" | "locale"> & { readonly id: string };

/** Alerts and incidents of a whole recording, of which the core itself forgets the older ones. */
export class IncidentBook {
  readonly #site: Site;
  /** As they were seen last, in the order in which they opened. */
  readonly #incidents = new Map<string, Incident>();
  /** In the order in which they fired. */
  readonly #alerts = new Map<string, Noted>();
  #seen: readonly Incident[] | null = null;

  constructor(site: Site) {
    this.#site = site;
  }

  /** To be called with every turn's, so that nothing is missed. */
  note(incidents: readonly Incident[], nowMs: EpochMs): void {
    // The same list while none of them changes and none is open: nearly always.
    if (incidents === this.#seen) return;
    this.#seen = incidents;
    for (const incident of incidents) {
      if (this.#incidents.get(incident.id) === incident) continue;
      this.#incidents.set(incident.id, incident);
      for (const alert of incident.alerts) this.#noteAlert(keyOf(incident, alert), alert, nowMs);
    }
  }

  /** Alerts that found no room in their incident. */
  get dropped(): number {
    return [...this.#incidents.values()].reduce((sum, { droppedAlerts }) => sum + droppedAlerts, 0);
  }

  /** What was still going on at `fromMs` or began later. */
  report(fromMs: EpochMs): { readonly alerts: ReportAlert[]; readonly incidents: ReportIncident[] } {
    const isWanted = ({ resolvedAtMs }: { resolvedAtMs: EpochMs | null }) =>
      resolvedAtMs === null || resolvedAtMs >= fromMs;
    const keys: string[] = [];
    const alerts: ReportAlert[] = [];
    for (const [key, noted] of this.#alerts) {
      if (!isWanted(noted.last)) continue;
      keys.push(key);
      alerts.push(this.#alertOf(noted));
    }
    const incidents = [...this.#incidents.values()].filter(isWanted).map((incident) => ({
      startedAt: iso(startedAtMs(incident)),
      resolvedAt: incident.resolvedAtMs === null ? null : iso(incident.resolvedAtMs),
      causes: rankCauses(incident.alerts).map(({ cause, score, startedAtMs: began }) => ({
        cause,
        score,
        startedAt: iso(began),
      })),
      changes: incident.changes.map(({ startAtMs, title, link }) => ({
        startAt: iso(startAtMs),
        title,
        ...(link === null ? {} : { link }),
      })),
      alerts: incident.alerts.map((alert) => keys.indexOf(keyOf(incident, alert))).filter((place) => place >= 0),
    }));
    return { alerts, incidents };
  }

  #noteAlert(key: string, alert: Alert, nowMs: EpochMs): void {
    const before = this.#alerts.get(key);
    if (before === undefined) {
      this.#alerts.set(key, { first: alert, worst: alert, worstAtMs: alert.firedAtMs, last: alert });
      return;
    }
    before.last = alert;
    const { severity } = before.worst;
    if (alert.severity === severity || worse(alert.severity, severity) === severity) return;
    before.worst = alert;
    before.worstAtMs = nowMs;
  }

  #alertOf({ first, worst, worstAtMs, last }: Noted): ReportAlert {
    const { node, subject, firedAtMs } = first;
    const reader = { ...this.#site, nowMs: worstAtMs };
    return {
      rule: first.rule,
      cause: toldCause(first.cause),
      severity: worst.severity,
      worstAt: iso(worstAtMs),
      site: this.#site.id,
      ...(node === null ? {} : { node }),
      ...(subject === null ? {} : { subject }),
      startedAt: iso(Math.min(first.startedAtMs, firedAtMs)),
      firedAt: iso(firedAtMs),
      // What has cleared and comes back counts on from where it was: it is never over before it fired.
      resolvedAt: last.resolvedAtMs === null ? null : iso(Math.max(firedAtMs, last.resolvedAtMs)),
      evidence: worst.evidence.map((each) => ({ id: each.id, params: each.params, text: plain(each, reader) })),
    };
  }
}

interface Noted {
  readonly first: Alert;
  /** When it came to its worst severity: what a page quotes. */
  worst: Alert;
  worstAtMs: EpochMs;
  last: Alert;
}

const keyOf = ({ id }: Incident, { key, firedAtMs }: Alert): string => `${id} ${firedAtMs} ${key}`;
