import type { Seconds } from "@mailtide/shared";
import { z } from "zod";
import { duration } from "../../../config/duration.ts";
import type { ProbeDetails } from "../../../core/observation.ts";
import type { DependencyPlugin } from "../../plugin.ts";
import { createProbe, ProbeFailure, probeOptions } from "../probe.ts";
import { speaksTls } from "../speaks-tls.ts";
import { unlessInClear } from "./in-clear.ts";
import { concernOf, detailsOf, readInfo, replicationProblem } from "./info.ts";
import { type RedisAddress, RedisRefusal, RedisSession } from "./session.ts";
import { addressOf, redisUrl, whereOf } from "./url.ts";
import { inWords } from "./words.ts";

const config = z.strictObject({
  /** The mail system's own Redis, best with an account of ours. */
  url: redisUrl,
  /** A file of certificates that sign the server's, for rediss://. */
  ca: z.string().min(1).optional(),
  /** A key that is written at every probe and forgotten after a minute: the write canary. Nothing is written without it. */
  write: z.string().min(1).max(200).optional(),
  /** A replica that is further behind fails. */
  maxLag: duration.optional(),
  ...probeOptions,
});

/** PING, what INFO says, and a write where one is asked for, on a connection of its own each time. */
export const redis = {
  type: "redis",
  config,
  create({ url, ca, write, maxLag, every, deadline, required }, { id }) {
    const look = async (signal: AbortSignal): Promise<ProbeDetails> => {
      const startMs = performance.now();
      const address = addressOf(url.reveal(), ca);
      const session = await open(address, deadline, signal);
      const openMs = performance.now();
      try {
        const pong = await session.ask("PING").catch((error: unknown) => whySpurned(error, "PING", address, signal));
        if (pong !== "PONG") throw new ProbeFailure("does not answer PING with PONG");
        const pingMs = performance.now();
        const times = { connectSeconds: (openMs - startMs) / 1000, querySeconds: (pingMs - openMs) / 1000 };
        const seen = await known(session, times, maxLag ?? null);
        if (write === undefined) return seen;
        const writeMs = performance.now();
        await session.ask("SET", write, String(Date.now()), "EX", "60").catch(refused("write", seen, true));
        return { ...seen, writeSeconds: (performance.now() - writeMs) / 1000 };
      } finally {
        session.close();
      }
    };
    return createProbe({
      id,
      type: "redis",
      everySeconds: every,
      deadlineSeconds: deadline,
      required,
      at: whereOf(url.reveal()),
      attempt: (signal) => look(signal),
    });
  },
} as const satisfies DependencyPlugin<"redis", typeof config>;

async function open(address: RedisAddress, deadlineSeconds: Seconds, signal: AbortSignal): Promise<RedisSession> {
  try {
    return await unlessInClear(address, deadlineSeconds, signal);
  } catch (error) {
    return await whySpurned(error, "sign in", address, signal);
  }
}

/**
 * A server without room says so and hangs up, and a reset may swallow what it said: who comes and only listens hears it. One
 * that wants TLS hangs up at the first word in clear.
 */
async function whySpurned(error: unknown, doing: string, address: RedisAddress, signal: AbortSignal): Promise<never> {
  if (error instanceof RedisRefusal) return refused(doing)(error);
  const { code } = error as { code?: string };
  if (error instanceof ProbeFailure || code === "ECONNREFUSED" || code === "ENOENT") throw error;
  const said = await RedisSession.greeting(address, signal).catch(() => null);
  if (said !== null) return refused(doing)(said);
  const { host, port, path, tls } = address;
  if (path === null && tls === null && (await speaksTls(host, port, signal)))
    throw new ProbeFailure("wants TLS: rediss:// in place of redis://", undefined, { cause: error });
  throw error;
}

/** The words for a refusal; what is none is passed on. */
const refused =
  (doing: string, seen?: ProbeDetails, isCanary = false) =>
  (error: unknown): never => {
    const words = inWords(error, doing);
    // Redis says this to a PING as well.
    const refusesWrites = error instanceof RedisRefusal && error.code === "MISCONF";
    const details = isCanary || refusesWrites ? { ...seen, fault: "writes" as const } : seen;
    throw new ProbeFailure(isCanary ? `the write canary: ${words}` : words, details, { cause: error });
  };

/** An account that may not INFO sees less, and says so. */
async function known(session: RedisSession, times: ProbeDetails, maxLagSeconds: number | null): Promise<ProbeDetails> {
  let text: string;
  try {
    text = await session.ask("INFO");
  } catch (error) {
    if (error instanceof RedisRefusal && error.code === "NOPERM")
      return { ...times, blind: "the user may not INFO: memory, replicas and snapshots are not looked at" };
    return refused("INFO")(error);
  }
  const info = readInfo(text);
  const concern = concernOf(info);
  const details = { ...times, ...detailsOf(info), ...(concern === null ? {} : { concern }) };
  const problem = replicationProblem(info, maxLagSeconds);
  if (problem !== null) throw new ProbeFailure(problem, { ...details, fault: "replication" });
  return details;
}
