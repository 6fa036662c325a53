import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { collectorId, type DependencyId, type EpochMs, type Seconds } from "@mailtide/shared";
import type { ProbeObservation } from "../../../core/observation.ts";
import type { Batch, CollectorContext, PollCollector } from "../../collector.ts";
import type { ListenAddress } from "../../syslog-in/addresses.ts";
import { hostPort } from "../../../core/text/host-port.ts";
import { Patience } from "../../../loop/patience.ts";
import { backedOff } from "../back-off.ts";
import type { MailboxAccess } from "./imap-session.ts";
import { Mailbox } from "./mailbox.ts";
import { addressed, broughtDigest, compose, idIn, isProven, newMark, type ProbeAddress } from "./probe-mail.ts";
import { Receiver } from "./receiver.ts";
import { standingOf } from "./standing.ts";
import { queueIdIn, Refused, submit, type WayIn } from "./submit.ts";
import { inWords, keptSchema, type ProbeMail, type Return, type Standing, UnderWay } from "./under-way.ts";
import type { WayBack } from "./way-back.ts";
import { WithJunk } from "./with-junk.ts";

export interface RoundTripSettings {
  readonly id: DependencyId;
  readonly wayIn: WayIn;
  readonly from: string;
  readonly to: ProbeAddress;
  /** A door of our own and who may knock, or a mailbox that is looked at so often. */
  readonly wayBack:
    | { readonly listen: ListenAddress; readonly address: readonly string[] }
    | { readonly mailbox: MailboxAccess; readonly junk: string | null; readonly everySeconds: Seconds };
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
  readonly deadlineSeconds = durableSeconds + submitSeconds + 5;
  readonly limitSeconds;
  readonly #settings: RoundTripSettings;
  readonly #again = backedOff(retrySeconds);
  #back: WayBack;
  #context: CollectorContext | null = null;
  #out: UnderWay;
  /** Digests of those that were back last: mail systems make copies. */
  #returned: string[] = [];
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
    this.#back = this.#wayBack(undefined);
  }

  get port(): number | null {
    return this.#back.port;
  }

  async start(context: CollectorContext): Promise<void> {
    this.#context = context;
    const kept = keptSchema.safeParse(context.position);
    this.#out = new UnderWay(this.#settings, kept.success ? kept.data : undefined);
    this.#back = this.#wayBack((context.position as { readonly back?: unknown } | undefined)?.back);
    // What has waited while we were away comes as soon as it can; that we cannot listen is said by the first look.
    await this.#back.ready().catch(() => undefined);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#back.close();
  }

  async poll(signal: AbortSignal): Promise<Batch> {
    const isReady = await this.#back.ready();
    if (isReady && this.#now() >= this.#sendAtMs && !this.#stopped) await this.#send(signal);
    this.#stand();
    const observations = this.#found;
    this.#found = [];
    return { observations, ...(observations.length > 0 ? this.#position() : {}) };
  }

  /** Sends one and waits for it. */
  readonly tryOnce = {
    withinSeconds: tryWithinSeconds,
    run: async (signal: AbortSignal): Promise<Batch> => {
      const startedMs = this.#now();
      const isOver = (): boolean => signal.aborted || this.#now() - startedMs >= (tryWithinSeconds - 2) * 1000;
      while (!(await this.#back.ready()) && this.#back.trouble === null && !isOver()) await sleep(50);
      if (this.#back.trouble === null) await this.#send(signal);
      const sentMs = this.#now();
      while (this.#found.length === 0 && this.#back.trouble === null && !isOver()) await sleep(50);
      if (this.#found.length === 0) this.#tell(this.#notBack((this.#now() - sentMs) / 1000));
      this.#position().committed();
      return { observations: this.#found };
    },
  };

  /** Within its deadline it may still come, so that as it stands all is well: but who tries it once waits no longer. */
  #notBack(latencySeconds: Seconds): Standing {
    const standing = this.#standing();
    if (standing?.ok === false) return standing;
    const error = `the platform took a mail${this.#out.newestAs()}, which was not back after ${inWords(latencySeconds)}`;
    return { ok: false, latencySeconds, error, details: {} };
  }

  async #send(signal: AbortSignal): Promise<void> {
    const { wayIn, from, to, everySeconds } = this.#settings;
    const mark = newMark();
    this.#sendAtMs = this.#now() + everySeconds * 1000;
    this.#out.begin(mark.id, mark.digest, this.#now());
    await this.#keep(signal);
    const recipient = addressed(to, mark.id);
    const startedMs = this.#now();
    const patience = new Patience(submitSeconds * 1000, signal);
    try {
      const mail = compose(mark, { from, to: recipient, host: hostname() }, startedMs);
      const answer = await submit(wayIn, { from, to: recipient }, mail, patience.signal);
      const back = this.#out.taken(mark.id, this.#now(), queueIdIn(answer));
      this.#again.tried(true);
      if (back !== null) this.#note(back);
      await this.#context?.sink({ observations: [], ...this.#position() });
    } catch (error) {
      if (this.#stopped) return;
      this.#again.tried(false);
      this.#sendAtMs = this.#now() + Math.min(everySeconds, this.#again.everySeconds) * 1000;
      const refused = error instanceof Refused ? error : new Refused(String(error), true);
      const seconds = (this.#now() - startedMs) / 1000;
      this.#out.refused(mark.id, this.#now(), {
        words: `${hostPort(wayIn.host, wayIn.port)}: ${refused.message}`,
        seconds,
        unsure: refused.unsure,
      });
      const standing = this.#standing();
      if (standing !== null) this.#tell(standing);
    } finally {
      patience.end();
    }
  }

  #wayBack(kept: unknown): WayBack {
    const { wayBack, to } = this.#settings;
    if ("mailbox" in wayBack) {
      const { mailbox, junk, everySeconds } = wayBack;
      const mail = (header: string, folder: string): boolean => {
        const digest = broughtDigest(header);
        if (digest === null) return false;
        const misfiledIn = folder === junk ? folder : null;
        return this.#returned.includes(digest) || this.#receive(this.#out.findProven(digest), misfiledIn);
      };
      const options = { ...mailbox, everySeconds, now: () => this.#now(), mail };
      return junk === null ? new Mailbox(options, kept) : new WithJunk(options, junk, kept);
    }
    const sent = (recipient: string): ProbeMail | undefined => this.#out.find(idIn(to, recipient) ?? "");
    return new Receiver({
      ...wayBack,
      takes: (recipient) => sent(recipient) !== undefined,
      mail: (recipient, beginning) => {
        const mail = sent(recipient);
        return mail !== undefined && isProven(mail.digest, beginning) && this.#receive(mail);
      },
    });
  }

  #receive(mail: ProbeMail | undefined, misfiledIn: string | null = null): boolean {
    if (mail === undefined) return false;
    const back = this.#out.cameBack(mail.id, this.#now(), misfiledIn);
    this.#returned = [...this.#returned.slice(1 - mostReturned), mail.digest];
    if (back !== null) this.#note(back);
    return true;
  }

  /** A mail is back: how it stands now, with the time of one that came too late to tell that. */
  #note({ seconds, overtaken }: Return): void {
    const standing = this.#standing();
    if (standing === null) return;
    const isLate = seconds !== null && seconds > this.#settings.lateSeconds;
    const details = overtaken && isLate ? { ...standing.details, lateSeconds: seconds } : standing.details;
    this.#tell({ ...standing, details });
  }

  /** Says again how it stands: while something is awaited so that the wait grows, else so that nobody takes it for gone. */
  #stand(): void {
    const standing = this.#standing();
    if (standing === null || this.#found.length > 0) return;
    const { waitingSeconds, unreadable } = standing.details;
    const isGrowing = waitingSeconds !== undefined || unreadable === true;
    if (isGrowing || this.#now() - this.#toldMs >= this.#settings.everySeconds * 1000) this.#tell(standing);
  }

  #standing(): Standing | null {
    return standingOf(this.#out, this.#back.trouble, this.#now());
  }

  #tell({ ok, latencySeconds, error, details }: Standing): void {
    this.#toldMs = this.#now();
    const { strangers } = this.#back;
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

  /** Resolves once what is out is durable, which it must be before it is out, so that it is known again after a crash. */
  async #keep(signal: AbortSignal): Promise<void> {
    const { position, committed } = this.#position();
    const patience = new Patience(durableSeconds * 1000, signal);
    const kept = new Promise<void>((resolve, reject) => {
      const done = (): void => {
        committed();
        resolve();
      };
      this.#context?.sink({ observations: [], position, committed: done }).catch(reject);
    });
    await patience.before(kept, () => new Error("cannot remember what it would send")).finally(() => patience.end());
  }

  #position(): { readonly position: unknown; readonly committed: () => void } {
    const back = this.#back.keep();
    return {
      position: { ...this.#out.keep(this.#now()), ...(back === undefined ? {} : { back }) },
      committed: () => back !== undefined && this.#back.kept(back),
    };
  }

  #now(): EpochMs {
    return this.#context?.now() ?? 0;
  }
}

/** How often it is looked at what has come back and what has not. */
const lookSeconds = 2;
/** What is to be sent must be durable within this. */
const durableSeconds = 10;
/** The platform must have taken a mail within this; clients of mail systems wait longer, people do not. */
const submitSeconds = 20;
/** A refused mail is tried again sooner than the next would be sent. */
const retrySeconds = 15;
const tryWithinSeconds = 30;
const mostTold = 64;
const mostReturned = 200;
