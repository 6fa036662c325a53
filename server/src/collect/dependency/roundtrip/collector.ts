import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { collectorId, type DependencyId, type EpochMs, type Seconds } from "@mailtide/shared";
import { z } from "zod";
import type { ProbeObservation } from "../../../core/observation.ts";
import type { Batch, CollectorContext, PollCollector } from "../../collector.ts";
import type { ListenAddress } from "../../syslog-in/addresses.ts";
import { backedOff } from "../back-off.ts";
import { addressed, compose, idIn, isProven, newMark, type ProbeAddress } from "./probe-mail.ts";
import { Receiver } from "./receiver.ts";
import { queueIdIn, Refused, submit, type WayIn } from "./submit.ts";
import { inWords, type Return, type Standing, UnderWay } from "./under-way.ts";

export interface RoundTripSettings {
  readonly id: DependencyId;
  readonly wayIn: WayIn;
  readonly from: string;
  readonly to: ProbeAddress;
  readonly listen: ListenAddress;
  /** Who may bring probes back. */
  readonly address: readonly string[];
  readonly everySeconds: Seconds;
  readonly lateSeconds: Seconds;
  readonly most: number;
  readonly required: boolean;
}

export interface RoundTripCollector extends PollCollector {
  /** Where it receives; null while it does not. */
  readonly port: number | null;
}

/** Sends a mail every so often and waits for it: what comes back, and what does not, is what customers feel. */
export function createRoundTrip(settings: RoundTripSettings): RoundTripCollector {
  return new RoundTrip(settings);
}

class RoundTrip implements RoundTripCollector {
  readonly kind = "poll";
  readonly id;
  readonly node = null;
  readonly required;
  readonly everySeconds = lookSeconds;
  readonly deadlineSeconds = submitSeconds + 5;
  readonly limitSeconds;
  readonly #settings: RoundTripSettings;
  readonly #receiver: Receiver;
  readonly #again = backedOff(retrySeconds);
  #context: CollectorContext | null = null;
  #out: UnderWay;
  #found: ProbeObservation[] = [];
  #sendAtMs: EpochMs = 0;
  #toldMs: EpochMs = 0;
  #stopped = false;

  constructor(settings: RoundTripSettings) {
    this.#settings = settings;
    this.id = collectorId(`dependency ${settings.id}`);
    this.required = settings.required;
    this.limitSeconds = 2 * settings.everySeconds + 30;
    this.#out = new UnderWay(settings);
    this.#receiver = new Receiver({
      listen: settings.listen,
      address: settings.address,
      takes: (recipient) => this.#out.find(idIn(settings.to, recipient) ?? "") !== undefined,
      mail: (recipient, beginning) => this.#receive(recipient, beginning),
    });
  }

  get port(): number | null {
    return this.#receiver.port;
  }

  async start(context: CollectorContext): Promise<void> {
    this.#context = context;
    const kept = keptSchema.safeParse(context.position);
    this.#out = new UnderWay(this.#settings, kept.success ? kept.data : undefined);
    // What has waited while we were away comes as soon as it can; that we cannot listen is said by the first look.
    await this.#receiver.listen().catch(() => undefined);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#receiver.close();
  }

  async poll(signal: AbortSignal): Promise<Batch> {
    // Without a door of our own nothing could come back, and the platform would be blamed.
    await this.#receiver.listen();
    const nowMs = this.#now();
    if (nowMs >= this.#sendAtMs && !this.#stopped) await this.#send(signal);
    this.#stand();
    const observations = this.#found;
    this.#found = [];
    return { observations, ...(observations.length > 0 ? { position: this.#out.keep(this.#now()) } : {}) };
  }

  /** Sends one and waits for it. */
  readonly tryOnce = {
    withinSeconds: tryWithinSeconds,
    run: async (signal: AbortSignal): Promise<Batch> => {
      await this.#receiver.listen();
      const sentMs = this.#now();
      await this.#send(signal);
      while (this.#found.length === 0 && !signal.aborted && this.#now() - sentMs < (tryWithinSeconds - 2) * 1000)
        await sleep(50);
      if (this.#found.length === 0) {
        const latencySeconds = (this.#now() - sentMs) / 1000;
        const error = `the platform took a mail, which was not back after ${inWords(latencySeconds)}`;
        this.#tell({ ok: false, latencySeconds, error, details: {} });
      }
      return { observations: this.#found };
    },
  };

  async #send(signal: AbortSignal): Promise<void> {
    const { wayIn, from, to, everySeconds } = this.#settings;
    const mark = newMark();
    const startedMs = this.#now();
    this.#sendAtMs = startedMs + everySeconds * 1000;
    this.#out.begin(mark.id, mark.digest, startedMs);
    await this.#keep();
    const recipient = addressed(to, mark.id);
    const limit = AbortSignal.any([signal, AbortSignal.timeout(submitSeconds * 1000)]);
    try {
      const mail = compose(mark, { from, to: recipient, host: hostname() }, startedMs);
      const answer = await submit(wayIn, { from, to: recipient }, mail, limit);
      const back = this.#out.taken(mark.id, this.#now(), queueIdIn(answer));
      this.#again.tried(true);
      if (back !== null) this.#note(back);
      await this.#keep();
    } catch (error) {
      if (this.#stopped) return;
      this.#again.tried(false);
      this.#sendAtMs = this.#now() + Math.min(everySeconds, this.#again.everySeconds) * 1000;
      const refused = error instanceof Refused ? error : new Refused(String(error), true);
      const seconds = (this.#now() - startedMs) / 1000;
      this.#out.refused(mark.id, this.#now(), { words: refused.message, seconds, unsure: refused.unsure });
      const standing = this.#out.standing(this.#now());
      if (standing !== null) this.#tell(standing);
    }
  }

  #receive(recipient: string, beginning: string): boolean {
    const mail = this.#out.find(idIn(this.#settings.to, recipient) ?? "");
    if (mail === undefined || !isProven(mail.digest, beginning)) return false;
    const back = this.#out.cameBack(mail.id, this.#now());
    if (back !== null) this.#note(back);
    return true;
  }

  /** A mail is back: how it stands now, with the time of one that came too late to tell that. */
  #note({ seconds, overtaken }: Return): void {
    const standing = this.#out.standing(this.#now());
    if (standing === null) return;
    const isLate = seconds !== null && seconds > this.#settings.lateSeconds;
    const details = overtaken && isLate ? { ...standing.details, lateSeconds: seconds } : standing.details;
    this.#tell({ ...standing, details });
  }

  /** Says again how it stands: while something is awaited so that the wait grows, else so that nobody takes it for gone. */
  #stand(): void {
    const nowMs = this.#now();
    const standing = this.#out.standing(nowMs);
    if (standing === null || this.#found.length > 0) return;
    const isWaiting = standing.details.waitingSeconds !== undefined;
    if (isWaiting || nowMs - this.#toldMs >= this.#settings.everySeconds * 1000) this.#tell(standing);
  }

  #tell({ ok, latencySeconds, error, details }: Standing): void {
    this.#toldMs = this.#now();
    const { strangers } = this.#receiver;
    // Told once a look at least; a flood of returns says no more than its last ones.
    if (this.#found.length >= mostTold) this.#found.shift();
    this.#found.push({
      kind: "probe",
      atMs: this.#toldMs,
      id: this.#settings.id,
      type: "roundtrip",
      ok,
      latencySeconds,
      ...(error === undefined ? {} : { error }),
      details: { ...details, ...(strangers > 0 ? { strangers } : {}) },
    });
  }

  /** What is out is durable before it is out, so that it is known again after a crash. */
  async #keep(): Promise<void> {
    await this.#context?.sink({ observations: [], position: this.#out.keep(this.#now()) });
  }

  #now(): EpochMs {
    return this.#context?.now() ?? 0;
  }
}

/** How often it is looked at what has come back and what has not. */
const lookSeconds = 2;
/** The platform must have taken a mail within this; clients of mail systems wait longer, people do not. */
const submitSeconds = 20;
/** A refused mail is tried again sooner than the next would be sent. */
const retrySeconds = 15;
const tryWithinSeconds = 30;
const mostTold = 64;

const keptSchema = z.object({
  atMs: z.number(),
  out: z
    .array(
      z.object({
        id: z.string(),
        digest: z.string().regex(/^[0-9a-f]{64}$/),
        sentAtMs: z.number(),
        taken: z.boolean(),
        queueId: z.string().exactOptional(),
        watchedToMs: z.number().exactOptional(),
      }),
    )
    .max(1_000),
});
