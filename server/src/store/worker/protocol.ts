/** What a worker offers: plain functions whose arguments and results can be cloned between threads. */
export type WorkerApi = Readonly<Record<string, (...args: never[]) => unknown>>;

export interface CallMessage {
  readonly id: number;
  readonly name: string;
  readonly args: readonly unknown[];
}
export type WorkerMessage =
  | { readonly kind: "value"; readonly id: number; readonly value: unknown }
  | { readonly kind: "error"; readonly id: number; readonly error: PlainError }
  | { readonly kind: "point"; readonly name: string };

/** An error as it crosses threads: clones lose the class, so the name decides what it is revived as. */
export interface PlainError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
}

/** A result whose buffers are handed over instead of copied. */
export class Moved<T> {
  readonly value: T;
  readonly buffers: readonly ArrayBuffer[];
  constructor(value: T, buffers: readonly ArrayBuffer[]) {
    this.value = value;
    this.buffers = buffers;
  }
}
export type Unmoved<T> = T extends Moved<infer Inner> ? Inner : T;

export interface WorkerSettings {
  /** Set when somebody listens to named points: the worker then waits on it at each point. */
  readonly pointGate: Int32Array<SharedArrayBuffer> | null;
}
