import type { Notifier, SendResult } from "../notifier.ts";
import type { NotifierContext } from "../kind.ts";
import { bodyOf, eventOf, maxKey } from "./event.ts";

export interface PagerDutyOptions extends NotifierContext {
  readonly routingKey: { reveal(): string };
  readonly url: string;
}

/** A rate limit counts over minutes. */
const rateLimitSeconds = 120;

/** Sends to PagerDuty's Events API v2. Says what happened; never retries by itself. */
export function pagerDutyNotifier({ id, channels, publicUrl, routingKey, url }: PagerDutyOptions): Notifier {
  return {
    id,
    channels,
    async send(effect, dedupKey, signal): Promise<SendResult> {
      // A shortened key would be another alert: it could never be resolved.
      if (dedupKey.length > maxKey) return { outcome: "refused", error: `the key is longer than ${maxKey} characters` };
      const body = bodyOf(eventOf(effect, dedupKey, routingKey.reveal(), publicUrl));
      try {
        const response = await fetch(url, {
          method: "POST",
          headers: { "content-type": "application/json", accept: "application/json" },
          body,
          signal,
          redirect: "manual",
        });
        return verdict(response, (await firstText(response)).replaceAll(routingKey.reveal(), "[routing key]"));
      } catch (error) {
        return { outcome: "retry", error: wordsOf(error) };
      }
    },
  };
}

/** 202 is taken; 429 and 5xx are worth another try; anything else says that this event will never be taken. */
function verdict(response: Response, text: string): SendResult {
  const { status } = response;
  if (status === 202) return { outcome: "sent" };
  const error = `PagerDuty answered ${status}${text === "" ? "" : `: ${text}`}`;
  if (status === 429) return { outcome: "retry", error, afterSeconds: retryAfter(response) ?? rateLimitSeconds };
  if (status >= 500 || status === 408) {
    const afterSeconds = retryAfter(response);
    return { outcome: "retry", error, ...(afterSeconds === undefined ? {} : { afterSeconds }) };
  }
  return { outcome: "refused", error };
}

/** RFC 9110 section 10.2.3: seconds, or an instant. */
function retryAfter({ headers }: Response): number | undefined {
  const text = headers.get("retry-after")?.trim() ?? "";
  if (/^\d{1,6}$/.test(text)) return Number(text);
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? undefined : Math.max(0, (atMs - Date.now()) / 1000);
}

/** The beginning of an answer; a receiver gone mad may send without end. */
async function firstText(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return "";
  const decoder = new TextDecoder();
  let text = "";
  try {
    while (text.length < 400) {
      const { done, value } = await reader.read();
      if (done) break;
      text += decoder.decode(value, { stream: true });
    }
  } catch {
    // The status has been said; why is a courtesy.
  } finally {
    await reader.cancel().catch(() => undefined);
  }
  return text.slice(0, 400).replace(/\s+/g, " ").trim();
}

/** fetch says "fetch failed" and hides why in `cause`. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause =
    error.cause instanceof Error ? error.cause.message || (error.cause as NodeJS.ErrnoException).code : undefined;
  return cause === undefined || cause === "" ? error.message : `${error.message}: ${cause}`;
}
