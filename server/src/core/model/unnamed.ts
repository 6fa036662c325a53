import type { MailEvent } from "../event.ts";
import type { Message } from "./message.ts";

export type OperatorVerb = "delete" | "hold" | "release";

/** What postsuper(1) says that it did to so many. */
const verbs: ReadonlyMap<string, OperatorVerb> = new Map([
  ["deleted", "delete"],
  ["placed on hold", "hold"],
  ["released from hold", "release"],
]);

/** The whole of what such a line says. */
export const summary =
  /^(Deleted|Placed on hold|Released from hold|Requeued|Force-expired|Expired): (\d{1,9}) messages?$/;

export type SavedCommand = readonly [pid: number | null, named: readonly (readonly [verb: string, count: number])[]];

/** What the line says was done, in a number that names nobody. */
export function verbOf({ event, action = "" }: MailEvent): OperatorVerb | undefined {
  return event === "other" ? verbs.get(action) : undefined;
}

/**
 * What postsuper(1) does to `ALL` it tells as a number only, `Deleted: 7 messages`, and the others in the number it has named
 * before. Which they were is told by how many are in a queue. A message of which that was wrong is followed again from its
 * next line.
 */
export class Unnamed {
  #pid: number | undefined;
  #named = new Map<string, number>();
  /**
   * How often the queues were looked through since time last went on: whoever forges such lines, of whatever second, must not
   * keep us busy.
   */
  #looks = 0;

  /** To be called with each line that names a message. */
  note({ pid, process, action }: MailEvent): void {
    if (action !== "delete" && action !== "hold" && action !== "release") return;
    if (process?.endsWith("postsuper") !== true) return;
    this.#begin(pid);
    this.#named.set(action, (this.#named.get(action) ?? 0) + 1);
  }

  /** How many the number stands for that were not named, and are to be looked for. */
  countOf({ pid, reason = "" }: MailEvent, verb: OperatorVerb): number {
    this.#begin(pid);
    const count = Number(summary.exec(reason)?.[2] ?? 0) - (this.#named.get(verb) ?? 0);
    if (count <= 0) return 0;
    this.#looks += 1;
    return this.#looks > mostLooks ? 0 : count;
  }

  /** Time goes on. */
  advance(): void {
    this.#looks = 0;
  }

  /** A command that is under way has named these. */
  save(): SavedCommand {
    return [this.#pid ?? null, [...this.#named]];
  }

  restore([pid, named]: SavedCommand): void {
    this.#pid = pid ?? undefined;
    this.#named = new Map(named);
  }

  #begin(pid: number | undefined): void {
    if (pid === this.#pid) return;
    this.#pid = pid;
    this.#named = new Map();
  }
}

/** Of those that are queued, whom the number stands for; nobody where that cannot be told. */
export function meantBy(verb: OperatorVerb, count: number, queued: readonly Message[]): readonly Message[] {
  const farness = (choice: readonly Message[]): number => Math.abs(choice.length - count);
  const nearest = choices[verb]
    .map((isMeant) => queued.filter(isMeant))
    .reduce((best, choice) => (farness(choice) < farness(best) ? choice : best));
  return farness(nearest) <= Math.max(1, count * mostOff) ? nearest : [];
}

type IsMeant = (message: Message) => boolean;
const inDeferred: IsMeant = ({ queue }) => queue === "deferred";
const inHold: IsMeant = ({ queue }) => queue === "hold";
/** `ALL`, and `ALL` of one queue. */
const choices: Readonly<Record<OperatorVerb, readonly IsMeant[]>> = {
  delete: [() => true, inDeferred, inHold],
  hold: [(message) => !inHold(message), inDeferred],
  release: [inHold],
};
/** Some come and go while the command runs. */
const mostOff = 0.05;
/** Time goes on once a second; nobody types so many commands. */
const mostLooks = 10;
