import { parentPort, workerData } from "node:worker_threads";
import {
  type CallMessage,
  Moved,
  type PlainError,
  type WorkerApi,
  type WorkerMessage,
  type WorkerSettings,
} from "./protocol.ts";

/** The worker's side: answers calls in the order they came; an asynchronous function does not hold back the next call. */
export function serve(api: WorkerApi): void {
  const port = parentPort;
  if (port === null) throw new Error("this module runs in a worker thread only");
  const send = (message: WorkerMessage, buffers: readonly ArrayBuffer[] = []): void =>
    port.postMessage(message, [...buffers]);
  const answer = (id: number, result: unknown): void => {
    if (result instanceof Moved) send({ kind: "value", id, value: result.value }, result.buffers);
    else send({ kind: "value", id, value: result });
  };
  const fail = (id: number, error: unknown): void => send({ kind: "error", id, error: plain(error) });

  port.on("message", ({ id, name, args }: CallMessage) => {
    try {
      const result = (api[name] as (...args: readonly unknown[]) => unknown)(...args);
      if (result instanceof Promise) {
        result.then(
          (value) => answer(id, value),
          (error: unknown) => fail(id, error),
        );
      } else answer(id, result);
    } catch (error) {
      fail(id, error);
    }
  });
}

/** Stops this thread at a named point until the main thread has looked at it; nothing at all when nobody listens. */
export function reachPoint(name: string): void {
  const gate = (workerData as WorkerSettings).pointGate;
  if (gate === null) return;
  Atomics.store(gate, 0, 0);
  parentPort?.postMessage({ kind: "point", name } satisfies WorkerMessage, []);
  Atomics.wait(gate, 0, 0);
}

function plain(error: unknown): PlainError {
  if (!(error instanceof Error)) return { name: "Error", message: String(error) };
  const { name, message, stack } = error;
  return stack === undefined ? { name, message } : { name, message, stack };
}
