import type { Effect } from "../core/alert/signal.ts";

/**
 * Sends one notification. It only says what happened; retry, back-off, order and rate belong to `pipeline.ts`.
 * Must be idempotent by `dedupKey`: after a crash the same effect may be sent once more.
 */
export interface Notifier {
  readonly id: string;
  readonly channels: readonly Effect["channel"][];
  send(effect: Effect, dedupKey: string, signal: AbortSignal): Promise<SendResult>;
}
export type SendResult =
  | { readonly outcome: "sent" }
  | { readonly outcome: "retry"; readonly error: string; readonly afterSeconds?: number }
  | { readonly outcome: "refused"; readonly error: string };
