import { setTimeout as sleep } from "node:timers/promises";
import type { Effect } from "../core/alert/signal.ts";
import { dedupKey } from "../core/incident/incident.ts";
import { Patience } from "../loop/patience.ts";
import { pagerDutyNotifier } from "../notify/pagerduty/notifier.ts";

/** No account has this key, so that a replay can never wake anybody. */
const routingKey = "mailtidereplay000000000000000000";
const tries = 3;
const deadlineMs = 10_000;

export interface PageSender {
  /** Sends the pages among them, in order, each before the replay goes on. */
  readonly send: (effects: readonly Effect[]) => Promise<void>;
  readonly failed: boolean;
  said(): string[];
}

/** Sends what would have been paged, as PagerDuty events, to a double of PagerDuty. */
export function pageSender(url: string, signal: AbortSignal): PageSender {
  const notifier = pagerDutyNotifier({
    id: "replay",
    channels: ["page"],
    publicUrl: null,
    url,
    routingKey: { reveal: () => routingKey },
  });
  let sent = 0;
  let failed = 0;
  let firstError = "";

  async function sendOne(effect: Effect): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const patience = new Patience(deadlineMs, signal);
      const result = await notifier.send(effect, dedupKey(effect), patience.signal).finally(() => patience.end());
      if (result.outcome === "sent") {
        sent++;
        return;
      }
      if (result.outcome === "refused" || attempt === tries || signal.aborted) {
        failed++;
        firstError ||= result.error;
        return;
      }
      await sleep(1000 * attempt, undefined, { signal }).catch(() => undefined);
    }
  }

  return {
    async send(effects) {
      for (const effect of effects) if (effect.channel === "page") await sendOne(effect);
    },
    get failed() {
      return failed > 0;
    },
    said: () => [
      `${sent} page events sent to ${url}`,
      ...(failed === 0 ? [] : [`${failed} could not be sent: ${firstError}`]),
    ],
  };
}
