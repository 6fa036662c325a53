import type { EpochMs, Millis } from "@mailtide/shared";
import { createGreylist } from "./greylist.ts";
import { createLine } from "./line.ts";
import { lookupWarnings, type AskDependency, type Lookup } from "./lookup.ts";
import { nameOf } from "./message.ts";
import type { NodeParts } from "./node-parts.ts";
import type { Process } from "./processes.ts";
import { refusalText, type Refusal } from "./refusal.ts";
import { gamma } from "./service-time.ts";
import type { Answer, Session } from "./world.ts";

/** One smtpd(8) service: as many clients at a time as it has processes. */
export interface Smtpd {
  connect(session: Session, answered: (answer: Answer) => void): void;
  /** A line of the process whose session is being answered. */
  say(text: string): void;
  tick(): void;
}

export interface SmtpdParts extends NodeParts {
  readonly service: "smtp" | "submission";
  readonly port: number;
  readonly tag: string;
  readonly ask: AskDependency;
  accept(session: Session): void;
}

/** Connections that the kernel keeps for a service whose processes are all busy. */
const backlog = 100;
/** A client that is not greeted gives up. */
const clientPatienceMs: Millis = 60_000;
const dialogueMs: Millis = 220;
/** master(8) says it no more often. */
const warnEveryMs: Millis = 120_000;
const longestDelayThatAllBearMs: Millis = 20_000;

interface Caller {
  readonly session: Session;
  readonly sinceMs: EpochMs;
  readonly answered: (answer: Answer) => void;
}

export function createSmtpd(parts: SmtpdParts): Smtpd {
  const { agenda, random, log, world, scenario, truth, tally, usage, name, service } = parts;
  const { inbound, greylistSeconds, filter } = scenario.platform;
  const { conditions } = world;
  const pool = parts.processes(parts.tag);
  const master = parts.processes("postfix/master").any();
  const cleanup = parts.processes("postfix/cleanup");
  const greylist = createGreylist(greylistSeconds * 1000, random);
  const isPublic = service === "smtp";
  const callers = createLine<Caller>();
  let warnedMs = -Infinity;
  let speaking: Process = master;
  let busy = 0;

  const limit = () => Math.floor(inbound.processes * conditions.capacity("inbound", name, agenda.nowMs) + 1e-9);

  const begin = (caller: Caller) => {
    const { session, answered } = caller;
    const process = pool.take();
    busy++;
    const startMs = agenda.nowMs;
    log.say(process, `connect from ${nameOf(session.client)}`);
    const delayMs = isPublic ? conditions.connectionDelayMs(startMs) : 0;
    if (delayMs > 0 && isImpatient(delayMs)) return leave(caller, process, startMs);
    agenda.at(startMs + delayMs + gamma(random, dialogueMs), () => {
      if (delayMs > 0) {
        const query = `${session.client.ip.split(".").reverse().join(".")}.bl.lists.example`;
        const said = `Host or domain name not found. Name service error for name=${query} type=A: Host not found, try again`;
        log.say(process, `warning: ${query}: RBL lookup error: ${said}`);
      }
      talk(session, process, answered);
    });
  };
  const isImpatient = (delayMs: Millis) => delayMs > longestDelayThatAllBearMs && random.exponential(300_000) < delayMs;
  const leave = ({ session, answered }: Caller, process: Process, startMs: EpochMs) =>
    agenda.at(startMs + longestDelayThatAllBearMs * (1 + random.unit()), () => {
      log.say(process, `lost connection after CONNECT from ${nameOf(session.client)}`);
      end(session, process, "commands=0/0");
      answered("no-answer");
    });

  /** At RCPT: everything that can be said against the mail, in the order of the restrictions. */
  const talk = (session: Session, process: Process, answered: (answer: Answer) => void) => {
    if (session.refuse !== null) {
      const why = session.refuse === "postscreen" ? "listed" : session.refuse;
      return refuse(session, process, { why }, answered);
    }
    let tookMs = 0;
    for (const dependency of inbound.asks) {
      const lookup = parts.ask(dependency, agenda.nowMs);
      tookMs += lookup.tookMs;
      if (lookup.failed) return hold(lookup, tookMs, () => lookupFailed(session, process, lookup, answered));
      if (lookup.tookMs >= 100) return hold(lookup, tookMs, () => decide(session, process, answered));
    }
    decide(session, process, answered);
  };
  /** The process stands still until the dependency answers or its client gives up. */
  const hold = ({ dependency }: Lookup, tookMs: Millis, then: () => void) => {
    usage.wait(dependency, 1);
    agenda.at(agenda.nowMs + tookMs, () => {
      usage.wait(dependency, -1);
      then();
    });
  };
  const lookupFailed = (session: Session, process: Process, lookup: Lookup, answered: (answer: Answer) => void) => {
    for (const warning of lookupWarnings(lookup, session.recipients[0] ?? "")) log.say(process, warning);
    refuse(session, process, { why: "look-up failed", isDns: lookup.type === "dns" }, answered);
  };
  const decide = (session: Session, process: Process, answered: (answer: Answer) => void) => {
    const nowMs = agenda.nowMs;
    const [first = ""] = session.recipients;
    if (isPublic && greylist.putsOff(session, first, nowMs)) {
      return refuse(session, process, { why: "greylisted", seconds: greylistSeconds }, answered);
    }
    if (session.hostile && filter?.hostile === "reject") return refuseContent(session, process, answered);
    speaking = process;
    parts.accept(session);
    truth.senders.accepted(session, nowMs);
    const n = session.recipients.length;
    const commands = isPublic
      ? `ehlo=1 mail=1 rcpt=${n} data=1 quit=1 commands=${n + 4}`
      : `ehlo=2 starttls=1 auth=1 mail=1 rcpt=${n} data=1 quit=1 commands=${n + 7}`;
    end(session, process, commands);
    answered("accepted");
  };

  const refuse = (session: Session, process: Process, refusal: Refusal, answered: (answer: Answer) => void) => {
    const { recipients } = session;
    for (const recipient of recipients) log.say(process, refusalText(session, recipient, refusal));
    tally.rejected++;
    const isTemporary = refusal.why === "greylisted" || refusal.why === "look-up failed";
    if (refusal.why === "look-up failed") truth.senders.deferred(session, agenda.nowMs);
    const close = () => {
      const n = recipients.length;
      end(session, process, `ehlo=1 mail=1 rcpt=0/${n} quit=1 commands=3/${n + 3}`);
      answered(isTemporary ? "deferred" : "refused");
    };
    const log1 = inbound.logsRefusalsTo;
    if (log1 === undefined) return close();
    usage.refused(log1);
    const lookup = parts.ask(log1, agenda.nowMs);
    if (lookup.tookMs < 100) return close();
    hold(lookup, lookup.tookMs, close);
  };
  /** A content check that answers before the end of the session: the sender keeps its mail. */
  const refuseContent = (session: Session, process: Process, answered: (answer: Answer) => void) => {
    const { client, sender, helo, recipients } = session;
    const id = parts.newQueueId(agenda.nowMs);
    const said = "5.7.1 Command rejected, INFECTED: JS.Downloader";
    log.say(process, `${id}: client=${nameOf(client)}`);
    const agent = cleanup.any();
    log.say(agent, `${id}: message-id=<${session.messageId}>`);
    const about = `from=<${sender}> to=<${recipients[0] ?? ""}> proto=ESMTP helo=<${helo}>`;
    log.say(agent, `${id}: milter-reject: END-OF-MESSAGE from ${nameOf(client)}: ${said}; ${about}`);
    tally.rejected++;
    const n = recipients.length;
    end(session, process, `ehlo=1 mail=1 rcpt=${n} data=0/1 quit=1 commands=${n + 3}/${n + 4}`);
    answered("refused");
  };

  const end = (session: Session, process: Process, commands: string) => {
    log.say(process, `disconnect from ${nameOf(session.client)} ${commands}`);
    pool.give(process);
    busy--;
    next();
  };
  const next = () => {
    while (callers.length > 0 && busy < limit()) {
      const caller = callers.shift();
      if (caller !== undefined) begin(caller);
    }
  };
  const warn = () => {
    if (agenda.nowMs - warnedMs < warnEveryMs) return;
    warnedMs = agenda.nowMs;
    const what = `service "${service}" (${parts.port}) has reached its process limit "${inbound.processes}"`;
    log.say(master, `warning: ${what}: new clients may experience noticeable delays`);
    log.say(
      master,
      "warning: to avoid this condition, increase the process count in master.cf or reduce the service time per client",
    );
    log.say(
      master,
      "warning: see http://www.postfix.org/STRESS_README.html for examples of stress-adapting configuration settings",
    );
  };

  return {
    connect(session, answered) {
      const caller = { session, answered, sinceMs: agenda.nowMs };
      if (busy < limit()) return begin(caller);
      if (limit() > 0) warn();
      if (callers.length < backlog) callers.push(caller);
      else agenda.at(agenda.nowMs + clientPatienceMs, () => answered("no-answer"));
    },
    say: (text) => log.say(speaking, text),
    tick() {
      for (let first = callers.peek(); first !== undefined; first = callers.peek()) {
        if (agenda.nowMs - first.sinceMs < clientPatienceMs) break;
        callers.shift();
        first.answered("no-answer");
      }
      next();
    },
  };
}
