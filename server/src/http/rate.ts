import type { Request, RequestHandler } from "express";
import { rateLimit } from "express-rate-limit";
import type { IncrementResponse, Store } from "express-rate-limit";
import type { EpochMs } from "@mailtide/shared";
import { addressKey } from "./auth/connection.ts";
import type { DescribeConnection } from "./auth/connection.ts";
import { problem, sendProblem } from "./problem.ts";
import { isRunning } from "./window.ts";

const windowMs = 60_000;
const keysHeld = 10_000;
export const perMinute = { "sign-in": 20, write: 120 } as const;

/** So many requests a minute and address (or /64). */
export function limitRate(
  kind: keyof typeof perMinute,
  describe: DescribeConnection,
  now: () => EpochMs,
): RequestHandler {
  return rateLimit({
    windowMs,
    limit: perMinute[kind],
    standardHeaders: "draft-8",
    legacyHeaders: false,
    store: boundedStore(now),
    keyGenerator: (request: Request) => addressKey(describe(request).clientAddress),
    validate: false,
    handler: (_, response) =>
      sendProblem(response, problem(429, "Too many requests from this address. Wait a minute.")),
  });
}

/** The store that comes with the library grows with the addresses of an attacker; this one forgets the oldest. */
function boundedStore(now: () => EpochMs): Store {
  const windows = new Map<string, { hits: number; readonly untilMs: EpochMs }>();
  return {
    increment(key): IncrementResponse {
      let window = windows.get(key);
      if (window === undefined || !isRunning(window.untilMs, now(), windowMs)) {
        windows.delete(key);
        const oldest = windows.keys().next();
        if (windows.size >= keysHeld && oldest.done !== true) windows.delete(oldest.value);
        window = { hits: 0, untilMs: now() + windowMs };
        windows.set(key, window);
      }
      window.hits++;
      return { totalHits: window.hits, resetTime: new Date(window.untilMs) };
    },
    decrement(key) {
      const window = windows.get(key);
      if (window !== undefined) window.hits--;
    },
    resetKey: (key) => void windows.delete(key),
  };
}
