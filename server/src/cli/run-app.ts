import { type App, type AppOptions, startApp } from "../app.ts";

/** Starts the app, prints where it is, and waits for the end: a signal (0) or a failure that it cannot outlive (1). */
export async function runApp(options: Omit<AppOptions, "failed">, signal: AbortSignal): Promise<number> {
  let failure: unknown;
  const ended = new AbortController();
  const app: App = await startApp({
    ...options,
    failed: (error) => {
      failure ??= error;
      ended.abort();
    },
  });
  console.log(`Mailtide ${options.mode === "live" ? "" : `(${options.mode.toUpperCase()}) `}on ${app.url}`);
  console.log(`Sign in as admin, once, within 15 minutes: ${await app.oneTimeLink()}`);
  console.log(`The wall: ${app.url.replace(/\/$/, "")}/wall`);
  const both = AbortSignal.any([signal, ended.signal]);
  if (!both.aborted) await new Promise((resolve) => both.addEventListener("abort", resolve, { once: true }));
  await app.close();
  if (failure === undefined) return 0;
  options.logger.error("Mailtide cannot go on", { error: failure });
  console.error(`mailtide: ${failure instanceof Error ? failure.message : "something failed that says no more"}`);
  return 1;
}
