import type { EpochMs } from "@mailtide/shared";
import { addressKey } from "./connection.ts";
import { isRunning } from "../window.ts";
import { hashOf } from "./hash.ts";

/** Guesses of secrets, by address. */
export interface Attempts {
  /** True while this address has guessed too often: nothing it presents is looked at. */
  isLimited(address: string): boolean;
  /** False when this address presented it before, within the last minute. */
  wrong(address: string, secret: string): boolean;
}

const windowMs = 60_000;
const guessesAllowed = 10;
const addressesHeld = 10_000;

/**
 * Counts *different* wrong secrets: a program left behind with a revoked token, repeating it for ever, must not lock out
 * its neighbours behind the same address.
 */
export function createAttempts(now: () => EpochMs): Attempts {
  const windows = new Map<string, { readonly untilMs: EpochMs; readonly guesses: Set<string> }>();

  function windowOf(address: string): { readonly guesses: Set<string> } | undefined {
    const key = addressKey(address);
    const window = windows.get(key);
    if (window === undefined || isRunning(window.untilMs, now(), windowMs)) return window;
    windows.delete(key);
    return undefined;
  }

  return {
    isLimited: (address) => (windowOf(address)?.guesses.size ?? 0) >= guessesAllowed,
    wrong(address, secret) {
      const guess = hashOf(secret).toString("base64url", 0, 9);
      const window = windowOf(address);
      if (window !== undefined) {
        const before = window.guesses.size;
        if (before < guessesAllowed) window.guesses.add(guess);
        return window.guesses.size > before;
      }
      const oldest = windows.keys().next();
      if (windows.size >= addressesHeld && oldest.done !== true) windows.delete(oldest.value);
      windows.set(addressKey(address), { untilMs: now() + windowMs, guesses: new Set([guess]) });
      return true;
    },
  };
}
