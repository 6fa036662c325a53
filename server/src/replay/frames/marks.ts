import type { LiveState, RecordingSection, ReplayMark, Sentence } from "@mailtide/shared";

const shown = 60;
const remembered = 1_000;
const urgency = { page: 0, change: 1, ticket: 2 } as const;

/** Collects what a slider should show of a recording while its states pass by. */
export class MarkBook {
  readonly #marks = new Map<string, ReplayMark>();

  /** True when there is something new to tell. */
  note({ meta, incidents, trend }: Pick<LiveState, "meta" | "incidents" | "trend">): boolean {
    let isNew = false;
    for (const { id, severity, title } of incidents.incidents) {
      if (severity === "info") continue;
      const known = this.#marks.get(id);
      if (known?.kind === severity && isSame(known.label, title)) continue;
      // The title grows with what is found out; the place on the slider stays where a screen first showed it.
      isNew = this.#add(id, { atMs: known?.atMs ?? meta.nowMs, kind: severity, label: title }) || isNew;
    }
    for (const { atMs, kind, label } of trend.marks) {
      if (kind !== "change") continue;
      const id = `change ${atMs} ${JSON.stringify(label.params)}`;
      if (!this.#marks.has(id)) isNew = this.#add(id, { atMs, kind, label }) || isNew;
    }
    return isNew;
  }

  /** The most urgent ones, in order of time. */
  marks(): Pick<RecordingSection, "marks" | "marksLeftOut"> {
    const urgent = [...this.#marks.values()].toSorted((a, b) => urgency[a.kind] - urgency[b.kind]).slice(0, shown);
    return { marks: urgent.toSorted((a, b) => a.atMs - b.atMs), marksLeftOut: this.#marks.size - urgent.length };
  }

  #add(id: string, mark: ReplayMark): boolean {
    if (!this.#marks.has(id) && this.#marks.size >= remembered) return false;
    this.#marks.set(id, mark);
    return true;
  }
}

const isSame = (a: Sentence, b: Sentence): boolean =>
  a === b || (a.id === b.id && JSON.stringify(a.params) === JSON.stringify(b.params));
