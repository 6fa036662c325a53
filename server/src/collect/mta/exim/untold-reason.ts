import type { MailEvent } from "../../../core/event.ts";

/**
 * A content scanner that is away: Exim puts the message off without a reason, and has said it before in lines of the same
 * message (`malware acl condition: ...`). Other processes write between them.
 */
export class UntoldReason {
  readonly #reasons = new Map<string, string>();

  /** To be called with each line, in order. */
  complete(event: MailEvent): void {
    const { queueId, reason } = event;
    if (queueId === undefined) return;
    if (event.event === "warning") {
      // The first says most: the others are that no more servers are left.
      if (reason !== undefined && said.test(reason) && !this.#reasons.has(queueId)) this.#note(queueId, reason);
    } else if (event.event === "reject" && reason === undefined && event.action === "temporarily rejected") {
      const before = this.#reasons.get(queueId);
      if (before !== undefined) event.reason = before;
      this.#reasons.delete(queueId);
    }
  }

  #note(queueId: string, reason: string): void {
    const [oldest] = this.#reasons.size < most ? [] : this.#reasons.keys();
    if (oldest !== undefined) this.#reasons.delete(oldest);
    this.#reasons.set(queueId, reason);
  }
}

const said = /^(?:malware|spam) acl condition: /;
/** Messages that are taken all the same (`defer_ok`) have no other end here. */
const most = 200;
