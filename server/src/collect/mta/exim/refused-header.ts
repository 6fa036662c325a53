import type { MailEvent } from "../../../core/event.ts";

/**
 * What rejectlog has below a refusal after DATA (log selector `rejected_header`): `Envelope-from: <a>`, `Envelope-to: <b>` and up to four
 * recipients more, then each header behind a letter for its kind, folded as it came. All of it was chosen by the sender, but
 * no line of it begins as a line with a time does.
 */
export class RefusedHeader {
  #refusal: MailEvent | undefined;
  #inRecipients = false;

  /** To be called with each line that has a beginning of its own. */
  begin(event: MailEvent): void {
    this.#refusal = event.event === "reject" ? event : undefined;
    this.#inRecipients = false;
  }

  /** False when it is none of a refusal's. It has the refusal's time and id, so that nobody takes it for a line without. */
  read(event: MailEvent, line: string): boolean {
    const refusal = this.#refusal;
    if (refusal === undefined || !below.test(line.slice(0, longestName))) return false;
    if (refusal.atMs !== undefined) event.atMs = refusal.atMs;
    if (refusal.queueId !== undefined) event.queueId = refusal.queueId;
    event.action = "refused header";
    this.#put(event, line);
    return true;
  }

  #put(event: MailEvent, line: string): void {
    const envelope = /^(?:Envelope-(from|to): |    )<(.{0,1000})>$/.exec(line);
    const wasRecipient = this.#inRecipients;
    this.#inRecipients = envelope !== null && (envelope[1] === "to" || (envelope[1] === undefined && wasRecipient));
    if (envelope?.[1] === "from") event.from = envelope[2] ?? "";
    else if (this.#inRecipients) event.to = envelope?.[2] ?? "";
    const id = /^I Message-ID: *<?([^>\s]{1,1000})/i.exec(line)?.[1];
    if (id !== undefined) event.messageId = id;
  }
}

/** A header, the rest of a folded one, or that there was more than Exim logs. */
const below = /^(?:Envelope-(?:from|to): |[ *A-Z] [!-9;-~]{1,200}:|[ \t]|\*\*\* truncated \*\*\*$)/;
const longestName = 210;
