import { once } from "node:events";
import type { Mode } from "@mailtide/shared";
import { type App, type AppOptions, startApp } from "../app.ts";
import { abortedWith } from "../loop/aborted-with.ts";
import type { Logger } from "../observe/logger.ts";

/** Starts the app and waits for its end. */
export function runApp(options: Omit<AppOptions, "failed">, signal: AbortSignal): Promise<number> {
  return runServed({ ...options, start: (failed) => startApp({ ...options, failed }) }, signal);
}

export interface Served {
  readonly mode: Mode;
  readonly logger: Logger;
  start(failed: (error: unknown) => void): Promise<App>;
}

/** Starts what serves, prints where it is, and waits for the end: a signal (0) or a failure that it cannot outlive (1). */
export async function runServed({ mode, logger, start }: Served, signal: AbortSignal): Promise<number> {
  let failure: unknown;
  const ended = abortedWith(signal);
  const app = await start((error) => {
    failure ??= error;
    ended.abort();
  });
  console.log(`Mailtide ${mode === "live" ? "" : `(${mode.toUpperCase()}) `}on ${app.url}`);
  console.log(`Sign in as admin, once, within 15 minutes: ${await app.oneTimeLink()}`);
  console.log(`The wall: ${app.url.replace(/\/$/, "")}/wall`);
  if (!ended.signal.aborted) await once(ended.signal, "abort");
  await app.close();
  if (failure === undefined) return 0;
  logger.error("Mailtide cannot go on", { error: failure });
  console.error(`mailtide: ${failure instanceof Error ? failure.message : "something failed that says no more"}`);
  return 1;
}
