import { join } from "node:path";
import { collectorId } from "@mailtide/shared";
import type { CollectorContext, PushCollector } from "../collector.ts";
import { LogClock } from "../syslog/clock.ts";
import { createHeaderReader } from "../syslog/header.ts";
import type { SourceLine } from "../tail/source.ts";
import { type Address, matcherOf } from "./addresses.ts";
import { Inbox } from "./inbox.ts";
import { listen, type Listening, type SyslogListen } from "./listen.ts";

interface Route {
  readonly matches: (address: Address) => boolean;
  /** Lower case; null: whatever the line says. */
  readonly hosts: ReadonlySet<string> | null;
  readonly inbox: Inbox;
}

/**
 * Takes syslog for all nodes, and gives each line to the node that the configuration binds its sender to. What nobody is
 * configured for is counted and dropped: a line never makes a node.
 */
export class SyslogHub {
  readonly #listen: SyslogListen;
  readonly #folder: string | null;
  #closing: Promise<void> | null = null;
  readonly #routes: Route[] = [];
  readonly #hostOf = createHeaderReader(new LogClock({ zone: "UTC", firstYear: 2000 }));
  #strangers = 0;
  #lastStranger = "";
  #lastReason: string | null = null;

  /** `folder`: where it is kept how many lines were taken. */
  constructor(options: SyslogListen, folder: string | null = null) {
    this.#listen = options;
    this.#folder = folder;
  }

  /** Where the count of one collector's lines is kept; null: nowhere. */
  countPath(collector: string): string | null {
    return this.#folder === null ? null : join(this.#folder, encodeURIComponent(collector));
  }

  /** Resolves once nothing comes any more; at once unless it is ending. */
  async closed(): Promise<void> {
    await this.#closing;
  }

  /** What comes from these addresses, and names one of these hosts if there are any. To be called before the start. */
  open(addresses: readonly string[], hosts: readonly string[] | undefined): Inbox {
    const inbox = new Inbox();
    const lower = hosts?.map((host) => host.toLowerCase());
    this.#routes.push({ matches: matcherOf(addresses), hosts: lower === undefined ? null : new Set(lower), inbox });
    return inbox;
  }

  isKnown(address: Address): boolean {
    return this.#routes.some(({ matches }) => matches(address));
  }

  /** Null when it was dropped; else whether its sender should wait, if it can. */
  take(line: SourceLine, from: Address): Inbox | null {
    let host: string | null = null;
    for (const { matches, hosts, inbox } of this.#routes) {
      if (!matches(from)) continue;
      if (hosts !== null) host ??= this.#hostOf(line.bytes.toString("latin1", 0, longestHeader)).host.toLowerCase();
      if (hosts !== null && !hosts.has(host ?? "")) continue;
      const cut = line.bytes.includes(newlineByte);
      inbox.put(cut ? { ...line, bytes: Buffer.from(line.bytes).map(withoutNewline) as Buffer } : line);
      return inbox;
    }
    this.refuse(host === null || host === "" ? from.toString() : `${from.toString()} as ${host.slice(0, 255)}`);
    return null;
  }

  /** Something came from nobody whom the configuration names; `why`: or from somebody, and could not be taken. */
  refuse(who: string, why: string | null = null): void {
    this.#strangers += 1;
    this.#lastStranger = who.replace(/[^\x20-\x7e]/g, "?");
    this.#lastReason = why === null ? null : why.replace(/[^\x20-\x7e]/g, "?");
  }

  /** Listens, and says how that fares and what was dropped. */
  collector(): PushCollector {
    let listening: Listening | null = null;
    let saying: NodeJS.Timeout | undefined;
    return {
      kind: "push",
      id: collectorId("syslog"),
      node: null,
      required: false,
      limitSeconds: 10,
      start: (context) => {
        listening = listen(this.#listen, this);
        this.#closing = null;
        const current = listening;
        saying = setInterval(() => this.#say(context, current), 1_000);
        return Promise.resolve();
      },
      stop: async () => {
        clearInterval(saying);
        this.#closing ??= listening?.close() ?? null;
        await this.#closing;
        listening = null;
      },
    };
  }

  #toldStrangers = 0;
  #toldLost = 0;
  #lostMs = -Infinity;
  #toldMs = 0;

  #refusals(): string {
    return this.#lastReason === null
      ? `${this.#strangers} dropped that no node is configured for, the last from ${this.#lastStranger}`
      : `${this.#strangers} refused, the last from ${this.#lastStranger}: ${this.#lastReason}`;
  }

  #say(context: CollectorContext, listening: Listening): void {
    const nowMs = context.now();
    if (this.#strangers > this.#toldStrangers) this.#toldMs = nowMs;
    this.#toldStrangers = this.#strangers;
    const lost = listening.lost();
    if (lost > this.#toldLost) this.#lostMs = nowMs;
    this.#toldLost = lost;
    const problem = listening.problem();
    if (problem !== null) context.health("failing", problem);
    else if (lost > 0 && nowMs - this.#lostMs < tellForMs) context.health("failing", lostWords(lost, this.#strangers));
    else if (this.#strangers > 0 && nowMs - this.#toldMs < tellForMs) context.health("failing", this.#refusals());
    else context.health("ok", null);
  }
}

/** From whom they were nobody can tell; who is not configured may be the one who sends so much. */
const lostWords = (lost: number, strangers: number): string =>
  `${lost} datagrams came faster than they could be read, and are lost; ${strangers} were dropped that no node is configured for`;

const longestHeader = 512;
const newlineByte = 10;
const withoutNewline = (byte: number): number => (byte === newlineByte ? 32 : byte);
/** So long after the last of them strangers are spoken of. */
const tellForMs = 600_000;
