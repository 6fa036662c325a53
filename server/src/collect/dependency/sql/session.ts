import type { Socket } from "node:net";
import type { Millis, Seconds } from "@mailtide/shared";

export type Row = Readonly<Record<string, unknown>>;

/** How long all that is asked may take, and what fires when that is over. */
export interface Deadline {
  readonly seconds: Seconds;
  leftMs(): Millis;
  readonly signal: AbortSignal;
}

/** A connection to a server of any kind, every wait of which ends at the deadline. */
export interface SqlSession {
  /** False once the connection is gone. */
  readonly usable: boolean;
  /** The rows of each statement; rejects with what the server or the network said, or DeadlinePassed. */
  query(statements: readonly string[], deadline: Deadline): Promise<readonly (readonly Row[])[]>;
  /** Says goodbye when the server listens; never waits for it. */
  close(): void;
  destroy(): void;
}

/** We stopped waiting; the connection is gone. */
export class DeadlinePassed extends Error {
  override readonly name = "DeadlinePassed";
}

/**
 * Waits for `work` until the deadline and then gives up: `cut` destroys the socket, because a server that hangs neither
 * answers nor closes. What comes after the deadline changes nothing.
 */
export function before<T>(deadline: Deadline, what: string, work: Promise<T>, cut: () => void): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const giveUp = (): void => {
      cut();
      reject(new DeadlinePassed(`no answer within ${deadline.seconds} s (${what})`));
    };
    deadline.signal.addEventListener("abort", giveUp, { once: true });
    if (deadline.signal.aborted) giveUp();
    work.then(resolve, reject).finally(() => deadline.signal.removeEventListener("abort", giveUp));
  });
}

/** After a goodbye that nobody may hear. */
export function destroySoon(socket: Socket): void {
  setTimeout(() => socket.destroy(), 1_000).unref();
}

export const numeric = (value: unknown): number | null => {
  const number = typeof value === "string" && value !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : null;
};
