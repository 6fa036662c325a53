import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { EpochMs, NodeId, Seconds } from "@mailtide/shared";
import { BodyRoom, type OpenBody } from "./body-room.ts";
import type { AgentCollector } from "./index.ts";
import { BadFrame, parseJson, parsed } from "./records.ts";
import {
  type Answer,
  greeting,
  header,
  type Header,
  type Introduction,
  mostBytes,
  spoken,
  versionProblem,
} from "./wire.ts";

export interface DoorOptions {
  readonly collectors: readonly AgentCollector[];
  now(): EpochMs;
  /** Counts what is turned away; `reason` is one of a few words. */
  refused(reason: string, count?: number): void;
  /** Told of everything that was taken. */
  seen(node: NodeId, figures: AgentFigures): void;
  readonly versions?: typeof spoken;
}
/** How an agent fares, as of its last word. */
export interface AgentFigures {
  readonly clockOffsetSeconds: Seconds | null;
  /** How old what it has not sent yet is. */
  readonly behindSeconds: Seconds;
  readonly spoolBytes: number;
  /** Log lines that its spool had to drop, since it began. */
  readonly lostLines: number;
}

interface Call {
  readonly from: string;
  readonly body: AsyncIterable<Uint8Array>;
  readonly receivedAtMs: EpochMs;
}

/** What the one who knocks is told: an answer, or why not. */
export type DoorAnswer =
  | { readonly status: 200 | 409; readonly json: Answer }
  | { readonly status: 400 | 403 | 413 | 429 | 503; readonly detail: string };

export type DoorIntroduction =
  | { readonly status: 200; readonly json: Introduction }
  | { readonly status: 403; readonly detail: string };

/** So many bodies are unpacked at once, and so many bytes of them wait until they are durable. */
const mostAtOnce = 8;
const mostHeldBytes = mostAtOnce * mostBytes;
/** What an agent sends at once, packed, is less: so much is read before it is its turn. */
const readAheadBytes = 256 << 10;

/** Where agents deliver. Everything of a node goes one by one; what an agent cannot have meant is refused in words. */
export class AgentDoor {
  readonly #options: DoorOptions;
  readonly #collectors: ReadonlyMap<NodeId, AgentCollector>;
  readonly #busy = new Set<NodeId>();
  readonly #room = new BodyRoom(mostAtOnce, mostHeldBytes);

  constructor(options: DoorOptions) {
    this.#options = options;
    this.#collectors = new Map(options.collectors.map((collector) => [collector.node, collector]));
  }

  /** For who asks before there is an agent, `mailtide check` and `doctor`: nothing is taken, and nothing is counted. */
  introduce(node: NodeId | undefined): DoorIntroduction {
    const { now, versions: { newest, oldest } = spoken } = this.#options;
    const receivedAtMs = now();
    const collector = this.#collectorOf(node);
    if ("detail" in collector) return { status: 403, detail: collector.detail };
    const json = { node: collector.node, protocol: { newest, oldest }, receivedAtMs, answeredAtMs: now() };
    return { status: 200, json };
  }

  /** `node`: the token's; `from`: the address of the one who knocks. */
  async knock(node: NodeId | undefined, from: string, body: AsyncIterable<Uint8Array>): Promise<DoorAnswer> {
    const receivedAtMs = this.#options.now();
    const collector = this.#collectorOf(node);
    if ("detail" in collector) return this.#refuse("no-node", 403, collector.detail);
    return this.#knock(collector, { from, body, receivedAtMs });
  }

  /** Somebody knocks with a token that is good no more: the node is told what keeps its data away. */
  turnedAway(node: NodeId, why: string, from: string): void {
    this.#options.refused("retired-token");
    this.#collectors.get(node)?.turnedAway(`its agent at ${from} was refused: ${why}; give it a token that is good`);
  }

  #collectorOf(node: NodeId | undefined): AgentCollector | { readonly detail: string } {
    if (node === undefined) return { detail: "This token has no node: name one beside its scopes." };
    const detail = `The node ${node} of this token does not collect by an agent here.`;
    return this.#collectors.get(node) ?? { detail };
  }

  async #knock(collector: AgentCollector, call: Call): Promise<DoorAnswer> {
    const { node } = collector;
    if (this.#busy.has(node))
      return this.#refuse("busy", 429, "One at a time: another request of this node is under way.");
    this.#busy.add(node);
    const own = this.#room.open();
    try {
      return await this.#take(collector, call, own);
    } catch (error) {
      if (!(error instanceof BadFrame)) throw error;
      collector.refused(`what its agent sent was refused: ${error.message}`);
      return this.#refuse(error.reason, error.reason === "too-large" ? 413 : 400, error.message);
    } finally {
      this.#busy.delete(node);
      own.leave();
    }
  }

  async #take(collector: AgentCollector, { from, body, receivedAtMs }: Call, own: OpenBody): Promise<DoorAnswer> {
    const { now, versions = spoken } = this.#options;
    const { node } = collector;
    const lines = linesOf(await textOf(body, own));
    const said = parseJson(lines.next().value ?? "");
    const { protocol, node: claimed } = parsed(greeting, said, "header");
    const older = versionProblem(protocol, versions);
    if (older !== null) {
      collector.refused(older);
      return this.#refuse("version", 400, sentenceOf(older));
    }
    if (claimed !== node) {
      const problem = `this token is of the node ${node}, and the agent that uses it is configured as ${printable(claimed)}`;
      collector.refused(problem);
      return this.#refuse("wrong-node", 403, sentenceOf(problem));
    }
    const head = parsed(header, said, "header");
    const taken = await collector.take(head, lines, from);
    if (taken === null) return this.#refuse("stopping", 503, "The server is starting or stopping.");
    if (taken.refused > 0) this.#options.refused("fact", taken.refused);
    this.#options.seen(node, figuresOf(head, now()));
    const pauseMs = Math.min(2_000, Math.max(500, this.#collectors.size * 5));
    const json = { protocol, ...taken, receivedAtMs, answeredAtMs: now(), pauseMs };
    return { status: taken.taken ? 200 : 409, json };
  }

  #refuse(reason: string, status: 400 | 403 | 413 | 429 | 503, detail: string): DoorAnswer {
    this.#options.refused(reason);
    return { status, detail };
  }
}

function figuresOf({ clock, behindSinceMs, spoolBytes, lostLines }: Header, nowMs: EpochMs): AgentFigures {
  const offsetMs = clock?.offsetMs ?? 0;
  const behindMs = behindSinceMs === null ? 0 : Math.max(0, nowMs - behindSinceMs - offsetMs);
  const clockOffsetSeconds = clock === undefined ? null : clock.offsetMs / 1000;
  return { clockOffsetSeconds, behindSeconds: behindMs / 1000, spoolBytes, lostLines };
}

const unpack = promisify(gunzip);

async function textOf(body: AsyncIterable<Uint8Array>, own: OpenBody): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw tooLarge();
    if (bytes > readAheadBytes) await own.enter();
    chunks.push(chunk);
  }
  await own.enter();
  const unpacked = await unpackedOf(Buffer.concat(chunks));
  await own.unpacked(unpacked.length);
  return unpacked.toString("utf8");
}

async function unpackedOf(packed: Buffer): Promise<Buffer> {
  try {
    return await unpack(packed, { maxOutputLength: mostBytes });
  } catch (error) {
    if ((error as { code?: unknown }).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge();
    throw new BadFrame("malformed", "The body is not gzip.");
  }
}

/** One by one: there may be as many as bytes. */
function* linesOf(text: string): Generator<string, undefined, void> {
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf("\n", start);
    const end = newline < 0 ? text.length : newline;
    if (end > start) yield text.slice(start, end);
    start = end + 1;
  }
}

const tooLarge = (): BadFrame =>
  new BadFrame("too-large", `A body may have ${mostBytes >> 20} MiB, packed and unpacked.`);

const printable = (text: string): string => text.replace(/[^\x20-\x7e]/g, "?").slice(0, 63);
const sentenceOf = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
