import type { EpochMs, IncidentId, IncidentSection, IncidentView, Seconds, TrendMark } from "@mailtide/shared";
import { detect, type Memories, type Overrides } from "../detect/index.ts";
import type { HostMta } from "../detect/operator-commands.ts";
import type { Sections } from "../detect/rule.ts";
import type { Incident } from "../incident/incident.ts";
import { incidentView, incidentViews, type RawMark, rawMarks, sameMarks, trendMarks } from "../incident/view.ts";
import type { Change, Observation } from "../observation.ts";
import type { Part, SavedPart } from "../part.ts";
import { ChangeLog } from "./change-log.ts";
import type { Command, Effect } from "./signal.ts";
import { type AlertingConfig, type AlertingState, emptyState } from "./state.ts";
import { step } from "./step.ts";

export interface AlertModelConfig extends AlertingConfig {
  /** `alerts.rules` of the configuration. */
  readonly rules: Overrides;
  /** Every node, and which MTA runs on it: what to do there is said in its commands. */
  readonly hosts: readonly HostMta[];
}

export interface AlertTurn {
  /** As they stand at the end of the turn. */
  readonly sections: Sections;
  readonly targetSeconds: Seconds;
  /** What people did since the last turn; part of the tick, so that a recovery does it again at the same moment. */
  readonly commands: readonly Command[];
}

/** Rules, alerts and incidents of one site: everything between what is measured and what is told. */
export class AlertModel implements Part {
  readonly name = "alert";
  readonly format = 1;
  readonly #config: AlertModelConfig;
  readonly #changes = new ChangeLog();
  #state: AlertingState = emptyState;
  #memories: Memories = {};
  /** What was said last: incidents are never changed in place, so the same one is said in the same words. */
  readonly #views = new WeakMap<Incident, IncidentView>();
  #section: { readonly of: AlertingState; readonly section: Pick<IncidentSection, "incidents"> } | null = null;
  #marks: { readonly raw: readonly RawMark[]; readonly marks: readonly TrendMark[] } = { raw: [], marks: [] };

  constructor(config: AlertModelConfig) {
    this.#config = config;
  }

  /** Takes changes; everything else reaches alerting as sections. */
  apply(observation: Observation): void {
    if (observation.kind === "change") this.#changes.add(observation.change, observation.atMs);
  }

  /** One turn: asks the rules, steps the alerts, and gives what must be told outside, in order. */
  turn({ sections, targetSeconds, commands }: AlertTurn, nowMs: EpochMs): readonly Effect[] {
    this.#changes.forget(nowMs);
    const changes = this.#changes.all();
    const { site, hosts } = this.#config;
    const input = { nowMs, site, hosts, targetSeconds, sections, changes };
    const detected = detect(input, this.#memories, this.#config.rules);
    this.#memories = detected.memories;
    const facts = {
      headlineSeconds: sections.delay.headlineSeconds,
      lateShare: sections.delay.lateShare,
      expectedWaitSeconds: sections.delay.expected.seconds,
      targetSeconds,
    };
    const result = step(this.#state, { signals: detected.signals, commands, changes, facts }, nowMs, this.#config);
    this.#state = result.state;
    return result.effects;
  }

  /** The same object until something changed. */
  section(): Pick<IncidentSection, "incidents"> {
    const { open, resolved } = this.#state;
    if (this.#section === null || this.#section.of.open !== open || this.#section.of.resolved !== resolved) {
      const incidents = incidentViews(open, resolved, (incident) => this.#viewOf(incident));
      this.#section = { of: this.#state, section: { incidents } };
    }
    return this.#section.section;
  }

  /** For the chart: onsets and changes since `fromMs`, oldest first, at most 20. */
  trendMarks(fromMs: EpochMs): readonly TrendMark[] {
    const { open, resolved } = this.#state;
    const raw = rawMarks(open === null ? resolved : [...resolved, open], this.#changes.all(), fromMs);
    if (!sameMarks(raw, this.#marks.raw)) this.#marks = { raw, marks: trendMarks(raw) };
    return this.#marks.marks;
  }

  /** Oldest first: those resolved within the last day, then the open one. One that did not change stays the same object. */
  incidents(): readonly Incident[] {
    const { open, resolved } = this.#state;
    return open === null ? resolved : [...resolved, open];
  }

  changes(): readonly Change[] {
    return this.#changes.all();
  }

  /** What is open now; a command about another incident changes nothing. */
  openIncident(): IncidentId | null {
    return this.#state.open?.id ?? null;
  }

  /** Told from the outside once the page has left: no turn depends on it. */
  notePageSent(incident: IncidentId, atMs: EpochMs): void {
    const note = <T extends { id: IncidentId; pageSentAtMs: EpochMs | null }>(one: T): T =>
      one.id === incident && one.pageSentAtMs === null ? { ...one, pageSentAtMs: atMs } : one;
    const { open, resolved } = this.#state;
    this.#state = { ...this.#state, open: open === null ? null : note(open), resolved: resolved.map(note) };
  }

  /** Signals and changes that found no room since the start of the memory. */
  dropped(): number {
    return this.#state.dropped + this.#changes.dropped;
  }

  save(): string {
    return JSON.stringify({ state: this.#state, memories: this.#memories, changes: this.#changes.save() });
  }

  restore({ format, text }: SavedPart): boolean {
    this.#state = emptyState;
    this.#memories = {};
    this.#changes.restore({ changes: [], dropped: 0 });
    if (format !== this.format) return false;
    const saved = JSON.parse(text) as Saved;
    this.#state = saved.state;
    this.#memories = saved.memories;
    this.#changes.restore(saved.changes);
    return true;
  }

  #viewOf(incident: Incident): IncidentView {
    let view = this.#views.get(incident);
    if (view === undefined) this.#views.set(incident, (view = incidentView(incident)));
    return view;
  }
}

interface Saved {
  readonly state: AlertingState;
  readonly memories: Memories;
  readonly changes: ReturnType<ChangeLog["save"]>;
}
