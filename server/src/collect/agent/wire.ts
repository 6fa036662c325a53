import { z } from "zod";
import { mailboxForm } from "../dependency/roundtrip/probe-mail.ts";
import { figure, instant } from "./bounds.ts";
import { sentObservation } from "./observation.ts";

/**
 * How an agent and a server speak: `POST /api/v1/agent` with the agent's token; the body is gzip of lines, the first a
 * header, each further one a record. An agent sends the next when the last was answered. An empty one is a greeting.
 */
export const agentPath = "/api/v1/agent";

/** A server speaks this version and the two before it; an agent the one of its own release. */
export const spoken: SpokenVersions = { newest: 1, oldest: 1 };
export interface SpokenVersions {
  readonly newest: number;
  readonly oldest: number;
}

/** Why the two cannot speak, and what to do; null when they can. */
export function versionProblem(protocol: number, { newest, oldest }: SpokenVersions = spoken): string | null {
  const range = newest === oldest ? `version ${newest}` : `versions ${oldest} to ${newest}`;
  const said = `the agent speaks version ${protocol} of the protocol and this server ${range}`;
  if (protocol > newest) return `${said}: update the server first, then its agents`;
  return protocol < oldest ? `${said}: update the agent` : null;
}

/** A body, packed or not, is at most this large. */
export const mostBytes = 8 << 20;
/**
 * A record without the ids of a listing: what is not an agent's may be so dense that two MiB of it hold the loop for a second.
 * Every agent closes a record at half a MiB, behind which one more fact has room: at most half a MiB of a listing, or what
 * is read of a line of 64 KiB, where a character may take six.
 */
export const mostFactsBytes = 3 << 19;
/** So many ids of a listing, and so much of their text, are compared; a longer listing is sent as its sums alone. */
export const mostListed = 200_000;
export const mostListedBytes = 4 << 20;
export const mostWanted = 5_000;
/** So many collectors of one agent are told apart. */
export const mostHealth = 64;
/** So many mailboxes of probes are known of one agent. */
export const mostProbes = 16;

const count = z.int().min(0);
const cutAt = (longest: number) => (text: string) => text.slice(0, longest);

/** Said by every version, so that a refusal can be given in words. */
export const greeting = z.object({ protocol: z.int(), node: z.string().max(63) });

export const header = z.object({
  protocol: z.int(),
  /** As the agent is configured; the token decides. */
  node: z.string().max(63),
  program: z.string().max(40),
  /** Names the spool: numbers of records count within it. */
  epoch: z.string().min(1).max(64),
  /** Names the running process. */
  run: z.string().min(1).max(64),
  /** The records of this body follow this one directly; what is missing in between is gone for good. */
  after: count,
  /** Log lines that this spool had to drop, since it began. */
  lostLines: count,
  /** When it was measured: what to add to the agent's clock to have the server's, and how long a way there and back took. */
  clock: z.object({ offsetMs: figure, roundTripMs: figure.min(0) }).exactOptional(),
  /** Everything up to this instant of the agent's clock is in this body or was before; null: everything there is. */
  behindSinceMs: instant.nullable(),
  spoolBytes: count,
  /** Mailboxes that its round trips send mail to; older agents do not say. */
  probes: z.array(z.string().regex(mailboxForm)).max(mostProbes).exactOptional(),
  health: z
    .array(
      z.object({
        collector: z.string().min(1).max(200),
        required: z.boolean(),
        limitSeconds: z.number().min(0).max(1e7),
        state: z.enum(["ok", "failing"]),
        // What is too long costs itself: a body that is refused is sent again for ever.
        problem: z.string().transform(cutAt(2_000)).nullable(),
        says: z.string().transform(cutAt(500)).exactOptional(),
        atMs: instant,
      }),
    )
    .max(mostHealth),
});
export type Header = z.infer<typeof header>;

export const record = z.object({
  seq: z.int().min(1),
  collector: z.string().min(1).max(200),
  observations: z.array(z.unknown()).max(20_000),
  /** Beside a queue observation: `id ageSeconds` of every entry, by blanks. */
  listed: z.string().exactOptional(),
});
export { sentObservation };

/** Instants are the server's clock. `received`: null when this server knows nothing of this epoch. */
export const answer = z.object({
  protocol: z.int(),
  /** False: `after` is not where this server stands; go on behind `received`. */
  taken: z.boolean(),
  received: count.nullable(),
  /** Durable; the agent may forget it. */
  committed: count.nullable(),
  /** The process that sent the last of what was received, as its header names it. Older servers do not say. */
  by: z.string().exactOptional(),
  receivedAtMs: z.number(),
  answeredAtMs: z.number(),
  /** When the next is welcome, if there is nothing more to send now. */
  pauseMs: z.number().min(0).max(60_000),
  /** Queue ids whose entries the next listing should hold in full, by the agent's collector. */
  wanted: z.record(z.string(), z.array(z.string()).max(mostWanted)),
  /** Facts that were not understood and are lost. */
  refused: count,
});
export type Answer = z.infer<typeof answer>;

/** What a `GET` at the same path answers: for which node the server takes the token. It changes nothing. */
export const introduction = z.object({
  node: z.string(),
  protocol: z.object({ newest: z.int(), oldest: z.int() }),
  receivedAtMs: z.number(),
  answeredAtMs: z.number(),
});
export type Introduction = z.infer<typeof introduction>;
