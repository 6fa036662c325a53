import type { MailEvent } from "../../../core/event.ts";
import { unsay } from "../../blank-event.ts";
import { InOrder } from "../../../core/sketch/in-order.ts";
import { RefusedHeader } from "./refused-header.ts";

/** `[2\5] ` and `[2/5] `: syslog's lines are short, and hold no end of line. */
export interface SyslogPart {
  readonly number: number;
  readonly of: number;
  /** A slash: the next part goes on in the middle of the line. */
  readonly isCut: boolean;
}

/** Null when none stands there. `length` is what it takes up. */
export function partAt(line: string, at: number): (SyslogPart & { readonly length: number }) | null {
  if (line.charCodeAt(at) !== bracket) return null;
  const found = /^\[(\d{1,3})([\\/])(\d{1,3})\] /.exec(line.slice(at, at + 12));
  if (found === null) return null;
  return { number: Number(found[1]), of: Number(found[3]), isCut: found[2] === "/", length: found[0].length };
}

/**
 * What Exim says through syslog of one thing several times or in several lines: the reject log comes the same way as the main
 * log, so each refusal comes twice (`syslog_duplication`), the second time with the message's headers behind it as parts. Exim writes its logs at levels
 * of their own: where lines state them, what comes again at the same one is said of another refusal. Where they do not, it is
 * taken for the copy.
 */
export class SyslogParts {
  readonly #begun = new InOrder<Begun>();
  readonly #refusals = new InOrder<Refusal>();

  /**
   * To be called with a line that has been read. One that says a refusal again becomes `other`, so that it does not count
   * twice. `text` is what the line says behind time, process and id; `level` is syslog's, undefined where the line states none.
   */
  begin(event: MailEvent, text: string, part: SyslogPart | null, level: string | undefined): void {
    const key = keyOf(event);
    if (part?.number === 1 && part.of > 1) {
      const header = new RefusedHeader();
      header.begin({ ...event });
      remember(this.#begun, key, { header, queueId: event.queueId, part });
      if (part.isCut && event.recipients !== undefined) cutRecipients(event, event.recipients);
    }
    if (!repeatable.has(event.event)) return;
    const { atMs = 0, queueId } = event;
    // Where no process is named (syslog_pid), others may come between.
    const refusal = event.pid === undefined ? `${key} ${queueId ?? ""} ${text}` : key;
    const said = this.#refusals.get(refusal);
    const isSame = said?.text === text && said.queueId === queueId && Math.abs(said.atMs - atMs) <= copyMs;
    if (isSame && (level === undefined || said.level !== level)) {
      this.#refusals.delete(refusal);
      event.event = "other";
      event.action = "logged again";
      unsay(event, "reject");
    } else remember(this.#refusals, refusal, { text, queueId, atMs, level });
  }

  /** Reads what belongs to a line that was begun. Where that was not heard it is no line of Exim's all the same. */
  goOn(event: MailEvent, text: string, part: SyslogPart): void {
    event.action = "continued";
    const key = keyOf(event);
    const begun = this.#begun.get(key);
    if (begun === undefined || begun.part.of !== part.of || begun.part.number + 1 !== part.number) return;
    const { isCut } = begun.part;
    if (part.number === part.of) this.#begun.delete(key);
    else begun.part = part;
    // The middle of a line, perhaps in a sender's words.
    if ((isCut || !begun.header.read(event, text)) && begun.queueId !== undefined) event.queueId = begun.queueId;
  }
}

/** The last may be half a name, and nobody knows how many follow. */
function cutRecipients(event: MailEvent, recipients: readonly string[]): void {
  unsay(event, "nrcpt");
  event.recipients = recipients.slice(0, -1);
  if (event.recipients.length > 0) return;
  unsay(event, "recipients", "to");
}

interface Begun {
  readonly header: RefusedHeader;
  readonly queueId: string | undefined;
  /** The last that came. */
  part: SyslogPart;
}

interface Refusal {
  readonly text: string;
  readonly queueId: string | undefined;
  readonly atMs: number;
  readonly level: string | undefined;
}

const keyOf = ({ host = "", pid = 0 }: MailEvent): string => `${pid} ${host}`;

/** The oldest are forgotten: a process that says nothing more is gone. */
function remember<Value>(into: InOrder<Value>, key: string, value: Value): void {
  into.put(key, value);
  if (into.size > mostProcesses) into.dropOldest();
}

/** What the reject log and the panic log have too. */
const repeatable: ReadonlySet<MailEvent["event"]> = new Set(["reject", "auth-failure", "warning"]);
const mostProcesses = 1_000;
/** Both are written at once; syslog's times are whole seconds. */
const copyMs = 1_000;
const bracket = 91;
