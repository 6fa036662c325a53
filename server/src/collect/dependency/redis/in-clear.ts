import { setTimeout as sleep } from "node:timers/promises";
import type { Seconds } from "@mailtide/shared";
import { abortedWith } from "../../../loop/aborted-with.ts";
import { ProbeFailure } from "../probe.ts";
import { type RedisAddress, RedisRefusal, RedisSession } from "./session.ts";

/**
 * Opens a session. A Redis without TLS takes a handshake for the beginning of a command (`processInlineBuffer` in
 * networking.c) and waits for its end, as silent as one that hangs: so when half of the time is gone it is asked in clear,
 * on a connection beside the first. Whoever answers there speaks no TLS.
 */
export async function unlessInClear(
  address: RedisAddress,
  deadlineSeconds: Seconds,
  signal: AbortSignal,
): Promise<RedisSession> {
  if (address.tls === null) return RedisSession.open(address, signal);
  const opening = abortedWith(signal);
  const asking = abortedWith(signal);
  const session = RedisSession.open(address, opening.signal);
  const answered = async (): Promise<never> => {
    await sleep(deadlineSeconds * 500, undefined, { signal: asking.signal });
    if (await answersInClear(address, asking.signal))
      throw new ProbeFailure("speaks no TLS: redis:// in place of rediss://");
    return new Promise(() => undefined);
  };
  try {
    return await Promise.race([session, answered()]);
  } catch (error) {
    session.catch(() => undefined);
    opening.abort();
    throw error;
  } finally {
    asking.abort();
  }
}

async function answersInClear({ host, port }: RedisAddress, signal: AbortSignal): Promise<boolean> {
  const anybody = { host, port, path: null, tls: null, user: "", password: "", database: 0 };
  let session: RedisSession | null = null;
  try {
    session = await RedisSession.open(anybody, signal);
    return (await session.ask("PING")) === "PONG";
  } catch (error) {
    return error instanceof RedisRefusal;
  } finally {
    session?.close();
  }
}
