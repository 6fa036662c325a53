import { pino } from "pino";
import type { DestinationStream, Logger as Pino } from "pino";

export type LogLevel = "debug" | "info" | "warn" | "error";

/** The message is a constant of ours; whatever came from outside goes into `fields`, never into the message. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** The same logger with fields on every line. */
  child(fields: LogFields): Logger;
  /** Bytes of lines that were dropped because nobody read stderr. */
  droppedBytes(): number;
  /** Writes out what is buffered; call before the process ends. */
  flush(): void;
}
export type LogFields = Readonly<Record<string, unknown>>;

export interface LoggerOptions {
  readonly level: LogLevel;
  /** Default: stderr. */
  readonly destination?: DestinationStream & { flushSync?: () => void };
}

/** A reader of stderr that stopped must not stop Mailtide: beyond this much waiting text, lines are dropped and counted. */
const waitingLimitBytes = 1 << 20;
const fieldLimit = 2_000;
const secretNames = /^(secret|token|password|passwd|authorization|cookie|set-cookie|routing_?key|api_?key)$/i;

/** JSON lines. Secrets are blanked by the name of their field at any depth, and by their look in any text. */
export function createLogger(options: LoggerOptions): Logger {
  let droppedBytes = 0;
  const destination = options.destination ?? stderr((bytes) => (droppedBytes += bytes));
  const root = pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      hooks: { streamWrite: scrub },
    },
    destination,
  );
  return wrap(root, { flush: () => destination.flushSync?.(), droppedBytes: () => droppedBytes });
}

/** Says nothing; for tests and short commands. */
export const silentLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLogger,
  droppedBytes: () => 0,
  flush: () => {},
};

function wrap(inner: Pino, rest: Pick<Logger, "flush" | "droppedBytes">): Logger {
  return {
    debug: (message, fields) => inner.debug(safe(fields), message),
    info: (message, fields) => inner.info(safe(fields), message),
    warn: (message, fields) => inner.warn(safe(fields), message),
    error: (message, fields) => inner.error(safe(fields), message),
    child: (fields) => wrap(inner.child(safe(fields)), rest),
    ...rest,
  };
}

function stderr(onDropped: (bytes: number) => void): ReturnType<typeof pino.destination> {
  const stream = pino.destination({ fd: 2, sync: false, maxLength: waitingLimitBytes });
  stream.on("drop", (line: unknown) => onDropped(Buffer.byteLength(String(line))));
  return stream;
}

/** Tokens made by Mailtide begin with `mtk_`; links carry them after `token=`. */
const scrub = (text: string): string =>
  text.replace(/mtk_[\w-]{8,}/g, "mtk_[hidden]").replace(/([?&]token=)[\w%.~-]+/g, "$1[hidden]");

const safe = (fields: LogFields | undefined): Record<string, unknown> =>
  fields === undefined ? {} : (clean(fields, 0) as Record<string, unknown>);

function clean(value: unknown, depth: number): unknown {
  if (typeof value === "string") return value.length > fieldLimit ? `${value.slice(0, fieldLimit)}…` : value;
  if (value instanceof Error) return cleanError(value, depth);
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return value;
  if (depth > 4) return "[deep]";
  if (Array.isArray(value)) return value.slice(0, 50).map((item) => clean(item, depth + 1));
  const entries = Object.entries(value).slice(0, 50);
  return Object.fromEntries(
    entries.map(([name, inner]) => [name, secretNames.test(name) ? "[hidden]" : clean(inner, depth + 1)]),
  );
}

/** What went wrong is said in its words; where in our code it was found is said of a defect of ours alone. */
function cleanError(error: Error, depth: number): unknown {
  const { name, message, stack, cause } = error;
  const { code } = error as NodeJS.ErrnoException;
  const { errors: several } = error as { readonly errors?: unknown };
  return {
    name,
    message: clean(message, depth),
    ...(code === undefined ? {} : { code }),
    ...(Array.isArray(several) ? { errors: clean(several, depth + 1) } : {}),
    ...(isDefect(error) ? { stack: clean(stack ?? "", depth) } : {}),
    ...(cause === undefined || depth > 3 ? {} : { cause: clean(cause, depth + 1) }),
  };
}

/** Kinds of the language itself: nobody throws them in words for an operator. One with a cause was made by a library of it. */
const isDefect = ({ name, cause }: Error): boolean => cause === undefined && defects.test(name);
const defects = /^(?:Type|Range|Reference|Syntax|Eval|URI|Assertion)Error$/;
