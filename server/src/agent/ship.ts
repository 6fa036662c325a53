import { randomUUID } from "node:crypto";
import { promisify } from "node:util";
import { constants, gzip } from "node:zlib";
import type { EpochMs, Millis, NodeId } from "@mailtide/shared";
import { type Answer, type Header, spoken } from "../collect/agent/wire.ts";
import { abortedWith } from "../loop/aborted-with.ts";
import { type Client, Refused } from "./client.ts";
import { ClockOffset } from "./clock.ts";
import type { SpoolRecord } from "./spool/line.ts";
import type { Spool } from "./spool/spool.ts";

export interface ShipperOptions {
  readonly node: NodeId;
  readonly program: string;
  readonly spool: Spool;
  readonly client: Client;
  now(): EpochMs;
  wait(milliseconds: Millis, signal: AbortSignal): Promise<void>;
  /** Mailboxes that probe mail is sent to from here. */
  readonly probes: readonly string[];
  /** The newest word of each collector. */
  health(): Header["health"];
  wanted(ids: Answer["wanted"]): void;
  /** Told when the server begins or ceases to take what is sent; in words. */
  changed(state: "connected" | "away" | "refused", why: string | null): void;
  /** Facts that the server could not understand. */
  factsRefused(count: number): void;
  /** Named points for crash tests. */
  point(name: string): void;
}

const packed = promisify(gzip);
const wantBytes = 1 << 20;
/** Nothing to send is said as often as this. */
const silentMs = 2_000;
/** Before it goes on where the server stands. */
const misunderstoodMs = 50;
const farewellMs = 3_000;
const firstPauseMs = 500;
/** With what chance adds to it, still within the limit after which its server calls an agent silent as shipped (15 s). */
const longestPauseMs = 8_000;
const longestRefusedPauseMs = 60_000;

/**
 * Sends what is in the spool, in order, one body after the other, and forgets what the server has made durable. Knows of the
 * server only what it last answered: after any outage, on either side, it goes on where that says.
 */
export class AgentShipper {
  readonly #options: ShipperOptions;
  readonly #run = randomUUID();
  readonly #clock = new ClockOffset();
  readonly #stop = new AbortController();
  /** Aborted a while after `#stop`. */
  readonly #cut = new AbortController();
  /** Where the server stands, by its last answer. */
  #after: number;
  /** A process before this one may have sent so much, and the server may take it late. */
  readonly #sentBefore: number;
  #hasHeard = false;
  #state: "connected" | "away" | "refused" | null = null;
  #woken: (() => void) | null = null;
  #running: Promise<void> | null = null;
  #behind = false;

  constructor(options: ShipperOptions) {
    this.#options = options;
    this.#after = options.spool.firstSeq - 1;
    this.#sentBefore = options.spool.sentThrough;
  }

  /** There is more than one body to send, or the server is not there. */
  get behind(): boolean {
    return this.#behind || this.#state !== "connected";
  }

  start(): void {
    this.#running ??= this.#loop();
  }

  /** Something was appended. */
  wake(): void {
    this.#woken?.();
  }

  /** Ends after one last body, if the server takes one at once. Safe twice. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.wake();
    const timer = setTimeout(() => this.#cut.abort(), farewellMs);
    await this.#running;
    clearTimeout(timer);
  }

  async #loop(): Promise<void> {
    const { signal } = this.#stop;
    let pauseMs = firstPauseMs;
    while (!signal.aborted) {
      try {
        const answered = await this.#exchange();
        pauseMs = firstPauseMs;
        this.#say("connected", null);
        if (!answered.taken) await this.#options.wait(misunderstoodMs, signal);
        else if (!this.#behind) await this.#rest(answered.pauseMs);
      } catch (error) {
        if (signal.aborted) break;
        const refused = error instanceof Refused;
        this.#say(refused ? "refused" : "away", error instanceof Error ? error.message : String(error));
        // Hundreds of agents must not come back all at once.
        await this.#options.wait(pauseMs * (0.5 + Math.random()), signal);
        pauseMs = Math.min(pauseMs * 2, refused ? longestRefusedPauseMs : longestPauseMs);
      }
    }
    if (this.#state === "connected") await this.#exchange().catch(() => undefined);
  }

  async #exchange(): Promise<Answer> {
    const { spool, client, now, point } = this.#options;
    // First what the collectors say, then what is in the spool: then that is all that they speak of.
    const health = this.#options.health();
    const after = this.#state === "connected" ? this.#after : Math.max(this.#after, spool.firstSeq - 1);
    // Until the server has said where it stands, nothing but a greeting goes out.
    const { records, more } =
      this.#state === "connected" ? await spool.read(after, wantBytes) : { records: [], more: false };
    const isAll = this.#state === "connected" && !more;
    const behindSinceMs = isAll ? null : (records.at(-1)?.atMs ?? (await this.#oldestAtMs(after)));
    const head = this.#header(after, health, behindSinceMs);
    const body = await packed([JSON.stringify(head), ...records.map(wireOf)].join("\n"), {
      level: constants.Z_BEST_SPEED,
    });
    point("before-post");
    const sentMs = now();
    const answer = await client.post(body, this.#cut.signal);
    this.#clock.add({ ...answer, sentMs, gotMs: now() });
    point("after-post");
    await this.#note(answer, records, after);
    this.#behind = more || !answer.taken;
    return answer;
  }

  async #note(answer: Answer, records: readonly SpoolRecord[], after: number): Promise<void> {
    const { spool, wanted, factsRefused } = this.#options;
    const received = answer.received ?? (answer.taken ? (records.at(-1)?.seq ?? after) : after);
    const ours = this.#isOthers(received, answer.by) ? this.#after : undefined;
    this.#hasHeard = true;
    if (await spool.forkBefore(received, ours)) {
      this.#after = spool.firstSeq - 1;
      return;
    }
    this.#after = received;
    if (answer.committed !== null) await spool.acknowledge(Math.min(answer.committed, received));
    wanted(answer.wanted);
    if (answer.refused > 0) factsRefused(answer.refused);
  }

  /**
   * The server went on by records of another process, which goes on from a copy of this spool: what was sent from here at the
   * same moment, and marked as sent, was not taken.
   */
  #isOthers(received: number, by: string | undefined): boolean {
    if (by === undefined || by === this.#run || !this.#hasHeard) return false;
    return received > Math.max(this.#after, this.#sentBefore);
  }

  /** Of what is still to be sent. */
  async #oldestAtMs(after: number): Promise<EpochMs> {
    return (await this.#options.spool.oldestAtMs(after)) ?? this.#options.now();
  }

  #header(after: number, health: Header["health"], behindSinceMs: EpochMs | null): Header {
    const { node, program, probes, spool } = this.#options;
    const clock = this.#clock.best();
    const { bytes, lostLines } = spool.status();
    return {
      protocol: spoken.newest,
      node,
      program,
      epoch: spool.epoch,
      run: this.#run,
      after,
      lostLines,
      ...(clock === null ? {} : { clock }),
      behindSinceMs,
      spoolBytes: bytes,
      probes: [...probes],
      health,
    };
  }

  /** As long as the server asks for, then until there is something, but not for long. */
  async #rest(pauseMs: Millis): Promise<void> {
    const { wait } = this.#options;
    const { signal } = this.#stop;
    await wait(pauseMs, signal);
    if (this.#options.spool.status().lastSeq > this.#after || signal.aborted) return;
    const enough = abortedWith(signal);
    const woken = new Promise<void>((resolve) => (this.#woken = resolve));
    await Promise.race([woken, wait(silentMs, enough.signal)]);
    enough.abort();
    this.#woken = null;
  }

  #say(state: "connected" | "away" | "refused", why: string | null): void {
    if (state !== this.#state) this.#options.changed(state, why);
    this.#state = state;
  }
}

/** The number stands first: it is given when the record is appended. */
const wireOf = ({ seq, wire }: SpoolRecord): string => `{"seq":${seq},${wire.slice(1)}`;
