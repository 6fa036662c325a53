import { StateRefused, StoreFailed } from "../errors.ts";
import { StoreUnavailable } from "../series.ts";
import type { CallMessage, PlainError, Unmoved, WorkerApi, WorkerMessage, WorkerSettings } from "./protocol.ts";
import { spawnWorker, type WorkerName } from "./spawn.ts";

/** The main thread's side of a worker. */
export interface Remote<Api> {
  call<N extends keyof Api & string>(name: N, ...args: Arguments<Api[N]>): Promise<Result<Api[N]>>;
  /** Like `call`, handing buffers over instead of copying them. */
  callMoving<N extends keyof Api & string>(
    buffers: readonly ArrayBuffer[],
    name: N,
    ...args: Arguments<Api[N]>
  ): Promise<Result<Api[N]>>;
  /** Ends the thread; calls under way are rejected. May be called twice. */
  stop(): Promise<void>;
}
type Arguments<F> = F extends (...args: infer A) => unknown ? A : never;
type Result<F> = F extends (...args: never[]) => infer R ? Unmoved<Awaited<R>> : never;

export interface RemoteOptions {
  /** In messages: "the state store". */
  readonly what: string;
  /** Named points for crash tests: called on the main thread while the worker waits. */
  readonly point?: ((name: string) => void) | undefined;
  /** The thread died by itself: every call fails from now on. Called once, never after `stop`. */
  readonly onFailure?: ((error: StoreFailed) => void) | undefined;
}

interface Pending {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

export function startRemote<Api extends WorkerApi>(
  callerUrl: string,
  name: WorkerName,
  options: RemoteOptions,
): Remote<Api> {
  const { what, point, onFailure } = options;
  const pointGate = point === undefined ? null : new Int32Array(new SharedArrayBuffer(4));
  const worker = spawnWorker(callerUrl, name, { workerData: { pointGate } satisfies WorkerSettings });
  const pending = new Map<number, Pending>();
  let nextId = 0;
  let ended: StoreFailed | null = null;

  const end = (error: StoreFailed): void => {
    ended ??= error;
    for (const call of pending.values()) call.reject(error);
    pending.clear();
  };
  const died = (cause: unknown): void => {
    if (ended !== null) return;
    const error = new StoreFailed(`${what} stopped: its thread died (${wordsOf(cause)})`, { cause });
    end(error);
    onFailure?.(error);
  };
  worker.on("error", died);
  worker.on("messageerror", died);
  worker.on("exit", (code) => died(`exit code ${code}`));
  worker.on("message", (message: WorkerMessage) => {
    if (message.kind === "point") {
      point?.(message.name);
      if (pointGate === null) return;
      Atomics.store(pointGate, 0, 1);
      Atomics.notify(pointGate, 0);
      return;
    }
    const call = pending.get(message.id);
    pending.delete(message.id);
    if (message.kind === "value") call?.resolve(message.value);
    else call?.reject(revive(message.error));
  });

  const send = (buffers: readonly ArrayBuffer[], name: string, args: readonly unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (ended !== null) return reject(ended);
      const id = nextId++;
      pending.set(id, { resolve, reject });
      worker.postMessage({ id, name, args } satisfies CallMessage, [...buffers]);
    });

  return {
    call: (name, ...args) => send([], name, args) as Promise<never>,
    callMoving: (buffers, name, ...args) => send(buffers, name, args) as Promise<never>,
    async stop() {
      end(new StoreFailed(`${what} is closed`));
      await worker.terminate();
    },
  };
}

/** What is thrown in a thread comes across without what made it an Error. */
function wordsOf(cause: unknown): string {
  const { message } = Object(cause) as { message?: unknown };
  return typeof message === "string" ? message : String(cause);
}

/** What a worker does not know how to name is a cause, with the place in its code. */
function revive({ name, message, stack }: PlainError): Error {
  if (name === "StoreUnavailable") return new StoreUnavailable(message);
  if (name === "StateRefused") return new StateRefused(message);
  if (name === "StoreFailed") return new StoreFailed(message);
  return new StoreFailed(message, { cause: Object.assign(new Error(message), { name, stack }) });
}
