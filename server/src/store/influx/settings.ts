import type { Retention } from "../retention.ts";

/** What the client needs, as plain values that can cross threads. */
export interface InfluxSettings {
  readonly url: string;
  readonly database: string;
  readonly username: string | null;
  readonly password: string | null;
  readonly retention: Retention;
  /** For each request, from sending to the last byte of the answer. */
  readonly timeoutMs: number;
}
