import { readFileSync } from "node:fs";
import type { IncomingMessage, RequestOptions } from "node:http";
import { socketWords } from "../dependency/socket-words.ts";
import { tlsWords } from "../dependency/tls-words.ts";
import { gunzipped } from "../../unpack/gunzip.ts";

export interface ScrapeTarget {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** A file of certificates that sign the other side's. */
  readonly ca?: string | undefined;
}
export interface Scraped {
  readonly contentType: string;
  readonly text: string;
}

/** More than any exporter of queues has to say, packed or not. */
const mostBytes = 16 << 20;
const accept = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.8,application/json;q=0.5";

/** One GET. A redirect is refused: what it leads to was never configured, and would be sent the secret. */
export async function scrape({ url, headers, ca }: ScrapeTarget, signal: AbortSignal): Promise<Scraped> {
  const { request } = await (url.startsWith("https:") ? import("node:https") : import("node:http"));
  const options: RequestOptions & { ca?: Buffer } = {
    agent: false,
    signal,
    headers: { accept, "accept-encoding": "gzip", "user-agent": "mailtide", ...headers },
    ...(ca === undefined ? {} : { ca: readFileSync(ca) }),
  };
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, options, resolve)
      .on("error", (error: NodeJS.ErrnoException) => reject(signal.aborted ? late(error) : inWords(error)))
      .end();
  });
  try {
    const status = answer.statusCode ?? 0;
    if (status >= 300 && status < 400)
      throw new Error(`answers ${status} and sends us elsewhere, which is not followed: configure that address`);
    if (status === 401 || status === 403) throw new Error(`answers ${status}: it wants other credentials`);
    if (status !== 200) throw new Error(`answers ${status}`);
    return { contentType: answer.headers["content-type"] ?? "", text: await textOf(answer) };
  } catch (error) {
    throw signal.aborted ? late(error) : error;
  } finally {
    answer.destroy();
  }
}

const late = (cause: unknown): Error => new Error("gives no whole answer in time", { cause });

/** As the probes say it. */
function inWords(error: NodeJS.ErrnoException): Error {
  const words = tlsWords(error) ?? socketWords[error.code ?? ""];
  return words === undefined ? error : new Error(words, { cause: error });
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const come = bytesOf(answer);
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of answer.headers["content-encoding"] === "gzip" ? gunzipped(come) : come) {
    bytes += part.length;
    if (bytes > mostBytes) throw new Error("answers with more than 16 MiB");
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

async function* bytesOf(answer: IncomingMessage): AsyncGenerator<Buffer, void, void> {
  try {
    yield* answer as AsyncIterable<Buffer>;
  } catch (error) {
    throw answer.complete ? error : new Error("the answer breaks off", { cause: error });
  }
}
