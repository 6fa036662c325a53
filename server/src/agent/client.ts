import { readFileSync } from "node:fs";
import * as http from "node:http";
import * as https from "node:https";
import type { Millis } from "@mailtide/shared";
import type { z } from "zod";
import { socketWords } from "../collect/dependency/socket-words.ts";
import { tlsWords } from "../collect/dependency/tls-words.ts";
import { unreadable } from "../config/unreadable.ts";
import { Patience } from "../loop/patience.ts";
import { noMailtide } from "../no-mailtide.ts";
import { type Answer, agentPath, answer, type Introduction, introduction } from "../collect/agent/wire.ts";

export interface ClientOptions {
  /** Of the server, as in `agent.server`. */
  readonly url: string;
  readonly token: string;
  /** A PEM file, beside the authorities that Node knows. */
  readonly ca?: string | undefined;
  readonly deadlineMs?: Millis;
}

/** The server will say the same until somebody changes something. In words. */
export class Refused extends Error {}

export interface Client {
  /** Rejects with `Refused`, or with why the server cannot be reached now. */
  post(packed: Uint8Array, signal: AbortSignal): Promise<Answer>;
  /** For which node the server takes the token. Changes nothing there; rejects as `post` does. */
  introduce(signal: AbortSignal): Promise<Introduction>;
  close(): void;
}

/** As a server calls a token that was this node's once. */
const goneToken = /^This token (?:was|is) /;
const longestAnswerBytes = 4 << 20;

export function createClient({ url, token, ca, deadlineMs = 60_000 }: ClientOptions): Client {
  const target = new URL(agentPath, url);
  const secure = target.protocol === "https:";
  // One connection, kept: an agent asks one thing after the other.
  const agent = secure
    ? new https.Agent({ keepAlive: true, maxSockets: 1, ...(ca === undefined ? {} : { ca: authoritiesIn(ca) }) })
    : new http.Agent({ keepAlive: true, maxSockets: 1 });
  const authorization = { Authorization: `Bearer ${token}` };
  async function send(
    method: string,
    more: http.OutgoingHttpHeaders,
    body: Uint8Array | undefined,
    outer: AbortSignal,
  ): Promise<Exchanged> {
    const patience = new Patience(deadlineMs, outer);
    const options = { method, agent, headers: { ...authorization, ...more }, signal: patience.signal };
    try {
      return await exchange((handle) => {
        const request = secure ? https.request(target, options, handle) : http.request(target, options, handle);
        request.end(body);
        return request;
      });
    } catch (error) {
      throw patience.isOver ? new Error("no answer in time", { cause: error }) : error;
    } finally {
      patience.end();
    }
  }

  return {
    async post(packed, signal) {
      const more = { "Content-Type": "application/x-ndjson", "Content-Length": packed.byteLength };
      const { status, body } = await send("POST", more, packed, signal);
      if (status === 200 || status === 409) return understood(answer, body, target.origin);
      throw refusal(status, body, target.origin);
    },
    async introduce(signal) {
      const { status, body } = await send("GET", {}, undefined, signal);
      if (status === 200) return understood(introduction, body, target.origin);
      throw refusal(status, body, target.origin);
    },
    close: () => agent.destroy(),
  };
}

interface Exchanged {
  readonly status: number;
  readonly body: string;
}

function exchange(send: (handle: (response: http.IncomingMessage) => void) => http.ClientRequest): Promise<Exchanged> {
  return new Promise((resolve, reject) => {
    const request = send((response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > longestAnswerBytes) response.destroy(new Error("the answer has no end"));
        else chunks.push(chunk);
      });
      response.on("error", reject);
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") }),
      );
    });
    request.on("error", (error: NodeJS.ErrnoException) => reject(inWords(error)));
  });
}

/** With the code, which tells what mends it. */
function inWords(error: NodeJS.ErrnoException): Error {
  const words = tlsWords(error) ?? socketWords[error.code ?? ""];
  return words === undefined ? error : Object.assign(new Error(words, { cause: error }), { code: error.code });
}

function authoritiesIn(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new Error(`agent.ca: ${path} ${unreadable(error as NodeJS.ErrnoException)}`, { cause: error });
  }
  if (!text.includes("-----BEGIN CERTIFICATE-----")) throw new Error(`agent.ca: ${path} holds no certificate in PEM`);
  return text;
}

function understood<S extends z.ZodType>(schema: S, body: string, where: string): z.infer<S> {
  const parsed = schema.safeParse(json(body));
  if (!parsed.success) throw new Refused(noMailtide(where));
  return parsed.data;
}

function refusal(status: number, body: string, where: string): Error {
  const { detail } = (json(body) ?? {}) as { detail?: unknown };
  const said = typeof detail === "string" ? detail : null;
  if (status === 401)
    return new Refused(said !== null && goneToken.test(said) ? lowered(said) : "the server does not know this token");
  if (status >= 500 || status === 408 || status === 429)
    return new Error(said ?? `the server answered with the status ${status}`);
  return new Refused(said ?? `${noMailtide(where)}: it answers ${status}`);
}

/** A sentence, to be said within another. */
const lowered = (words: string): string => `${words.charAt(0).toLowerCase()}${words.slice(1).replace(/\.$/, "")}`;

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
