import { localUrl } from "../config/local-url.ts";
import type { Config } from "../config/schema.ts";
import { askOwnServer, ownToken } from "../own-server.ts";
import type { Finding } from "./finding.ts";

/** What the server that runs by this configuration says of one of its collectors. */
export interface Told {
  readonly id: string;
  readonly state: string;
  readonly problem: string | null;
  /** The kind of what it probes. */
  readonly dependency?: string;
}
/** `told`: null where it answers, and does not tell who asks. */
export type Running = { readonly base: string; readonly told: readonly Told[] | null } | { readonly silent: string };

export function bearer(config: Config): Record<string, string> {
  const token = ownToken(config, "read");
  return token === undefined ? {} : { Authorization: `Bearer ${token}` };
}

export async function askRunning(config: Config): Promise<Running> {
  const base = localUrl(config.server);
  try {
    const response = await askOwnServer(config.server, "/api/v1/collectors", {
      headers: bearer(config),
      signal: AbortSignal.timeout(5_000),
    });
    const document = (await response.json().catch(() => null)) as { readonly collectors?: readonly Told[] } | null;
    return { base, told: response.ok ? (document?.collectors ?? null) : null };
  } catch {
    return { silent: base };
  }
}

/** Of a collector to which others come: nobody but the running server hears them. */
export function asRunning(id: string, running: Running): Finding {
  if ("silent" in running) {
    const says = `what comes is heard by the running server only, and none answers at ${running.silent}`;
    return { verdict: "note", what: id, says };
  }
  if (running.told === null) {
    const says = "the running server hears it, and tells how it fares who may read: set MAILTIDE_TOKEN";
    return { verdict: "note", what: id, says };
  }
  const told = running.told.find((each) => each.id === id);
  if (told === undefined) {
    const says = "the running server does not have it: it was started with another configuration";
    return { verdict: "FAILS", what: id, says };
  }
  if (told.state === "ok") return { verdict: "ok", what: id, says: "well, as the running server sees it" };
  if (told.state === "starting")
    return { verdict: "note", what: id, says: "nothing has come since the running server was started" };
  return { verdict: "FAILS", what: id, says: told.problem ?? "the running server calls it stale" };
}
