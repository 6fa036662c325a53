import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { socketWords } from "../collect/dependency/socket-words.ts";
import { lineRenderer } from "../collect/renderers.ts";
import { createPseudonyms } from "../capture/pseudonym/index.ts";
import { readRecording } from "../capture/read-recording.ts";
import { checkNew, writeCapture } from "../capture/write.ts";
import { parseDuration } from "../config/duration.ts";
import { localUrl } from "../config/local-url.ts";
import { findConfig, parseConfig, readConfig } from "../config/read.ts";
import type { Config } from "../config/schema.ts";
import { noMailtide } from "../no-mailtide.ts";
import { askOwnServer, ownToken } from "../own-server.ts";
import { handOut } from "../recording.ts";
import { openStateStore } from "../store/embedded/state/open.ts";
import { fromEnvironment, stateFolderOf } from "./environment.ts";
import { withProgress } from "./progress.ts";
import { withFlags } from "./serve.ts";

export interface CaptureOptions {
  readonly last: string;
  readonly out: string;
  readonly clear?: boolean;
  readonly leadIn?: string;
  readonly config?: string;
  readonly url?: string;
  readonly token?: string;
}

/** The last hours of a running server, or of one that stands still, as a capture folder. */
export async function capture(options: CaptureOptions): Promise<number> {
  const lastSeconds = secondsOf(options.last, "--last");
  const leadSeconds = options.leadIn === undefined ? Infinity : secondsOf(options.leadIn, "--lead-in");
  if (lastSeconds === null || leadSeconds === null) return 2;
  const path = findConfig(options.config, process.env, process.cwd());
  const config = withFlags(path === null ? parseConfig("version: 1", "the defaults") : readConfig(path), {});
  await checkNew(options.out);
  const nowMs = Date.now();
  const reportFromMs = nowMs - lastSeconds * 1000;
  const fromMs = Math.max(0, reportFromMs - leadSeconds * 1000);

  const source = await open(config, options, fromMs, nowMs);
  try {
    const recording = await readRecording(source.chunks);
    if (
      recording.head.settings.every(({ settings: { nodes, dependencies } }) => nodes.length + dependencies.length === 0)
    )
      throw new Error(
        "the server watches nothing (its configuration has neither nodes nor dependencies): nothing could be replayed",
      );
    const key = randomBytes(32);
    let firstMs: number | null = null;
    const written = await withProgress(`Recording the last ${options.last}`, (progress) =>
      writeCapture({
        out: options.out,
        recording,
        fromMs,
        reportFromMs,
        rendererFor: lineRenderer,
        pseudonymsFor: options.clear === true ? null : (nodes) => createPseudonyms(key, nodes),
        onTurn: (atMs) => {
          firstMs ??= atMs;
          progress.at((atMs - firstMs) / Math.max(1, nowMs - firstMs));
        },
      }),
    );
    for (const assumption of written.assumptions) console.error(`mailtide: note: ${assumption}`);
    const { turns, lines, aside } = written;
    const how = options.clear === true ? "with personal data (--clear)" : "pseudonymised";
    console.log(
      `${options.out}: ${turns} turns, ${lines} log lines, ${how}; ${aside} lines stand among the observations`,
    );
    console.log(
      `Asked for: from ${new Date(Math.max(reportFromMs, written.fromMs)).toISOString()}. mailtide replay ${options.out}`,
    );
    return 0;
  } finally {
    await source.close();
  }
}

interface Source {
  readonly chunks: AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

async function open(config: Config, options: CaptureOptions, fromMs: number, nowMs: number): Promise<Source> {
  const base = options.url === undefined ? localUrl(config.server) : new URL(options.url).origin;
  // Another server's is no business of this configuration's tokens.
  const known = options.url === undefined ? ownToken(config, "admin") : fromEnvironment("MAILTIDE_TOKEN");
  const token = options.token ?? known;
  const path = `/api/v1/recording?from=${new Date(fromMs).toISOString()}`;
  const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  let answer: Response;
  try {
    answer = await (options.url === undefined
      ? askOwnServer(config.server, path, { headers })
      : fetch(new URL(path, base), { headers }));
  } catch (cause) {
    if (options.url !== undefined || !isRefused(cause))
      throw new Error(`no Mailtide answers at ${base}: ${wordsOf(cause)}`, { cause });
    return atRest(config, fromMs, nowMs, base);
  }
  const { body } = answer;
  if (body === null || !isOf(answer, "application/gzip")) throw new Error(await refusal(answer, base));
  return { chunks: body, close: () => Promise.resolve() };
}

async function refusal(answer: Response, base: string): Promise<string> {
  const { status } = answer;
  const isOurs = isOf(answer, "application/problem+json");
  // A proxy whose server is away speaks for itself.
  if (!isOurs && status < 500) return `${noMailtide(base)}: it answers ${status}`;
  if (isOurs && (status === 401 || status === 403)) return `${base}: ${tokenNeeded}`;
  const { detail } = (await answer.json().catch(() => ({}))) as { detail?: string };
  return `${base}: ${detail ?? `it answers ${status}`}`;
}

const isOf = ({ headers }: Response, type: string): boolean => headers.get("content-type")?.startsWith(type) === true;

const tokenNeeded =
  "capture needs a token with the scope admin: give --token or set MAILTIDE_TOKEN (auth.tokens in the configuration)";

/** No server runs: its state folder tells. */
async function atRest(config: Config, fromMs: number, nowMs: number, base: string): Promise<Source> {
  const folder = stateFolderOf(config);
  const { keep, max } = config.capture;
  await access(join(folder, "state.db"), constants.R_OK | constants.W_OK).catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === "EACCES" ? "is not this user's to read and write" : "holds no state";
    throw new Error(`no Mailtide answers at ${base}, and ${folder} ${why}: give --config or --url`, { cause });
  });
  const state = await openStateStore({ folder, recording: { keepSeconds: keep, maxBytes: max } });
  const found = await handOut(state, fromMs, nowMs);
  if (found !== null) return { chunks: found.chunks, close: () => state.close() };
  await state.close();
  throw new Error(`${folder} keeps no recording: capture.keep in the configuration is 0s`);
}

function secondsOf(text: string, flag: string): number | null {
  const seconds = parseDuration(text);
  if (seconds !== undefined && seconds > 0) return seconds;
  console.error(`mailtide: ${flag} ${text}: not a duration such as 30m or 6h`);
  return null;
}

/** Nobody listens there: no server runs. */
const isRefused = (error: unknown): boolean => {
  const { code, cause } = error as NodeJS.ErrnoException & { readonly cause?: NodeJS.ErrnoException };
  return (cause?.code ?? code) === "ECONNREFUSED";
};

/** What fetch says is in its cause. */
const wordsOf = (error: unknown): string => {
  const { message, code, cause } = error as NodeJS.ErrnoException & { readonly cause?: NodeJS.ErrnoException };
  const said = message === "fetch failed" && cause !== undefined ? cause : { message, code };
  return socketWords[said.code ?? ""] ?? said.message;
};
