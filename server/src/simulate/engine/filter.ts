import type { EpochMs, Millis } from "@mailtide/shared";
import type { Scenario } from "../scenario/schema.ts";
import { delaysText } from "./node-log.ts";
import { nameOf, type Failure } from "./message.ts";
import type { NodeParts } from "./node-parts.ts";
import type { Process } from "./processes.ts";
import type { QueueManager } from "./queue-manager.ts";
import { weibull } from "./service-time.ts";
import type { Feedback, Job } from "./transport.ts";
import type { Host } from "./world.ts";

/** The content filter of a host: takes mail over SMTP on the loopback and hands it back the same way. */
export interface Filter {
  /** How many scans may run now. */
  scanners(): number;
  scan(job: Job, done: (feedback: Feedback) => void): void;
}

export interface FilterParts extends NodeParts {
  readonly settings: NonNullable<Scenario["platform"]["filter"]>;
  readonly manager: () => QueueManager;
  /** Makes the second queue file of a mail that was found clean; its id. */
  reinject(job: Job, process: Process): string;
}

export const filterHop = "[127.0.0.1]:10024";
const relay = "127.0.0.1[127.0.0.1]:10024";
export const loopback: Host = { name: "localhost", ip: "127.0.0.1" };
/** The filter hands mail back over sessions that it keeps open. */
const mailsPerSession = 20;
interface InnerSession {
  readonly process: Process;
  mails: number;
  recipients: number;
}
/** The filter stops waiting for a look-up. */
const patienceMs: Millis = 60_000;
/** From this slow-down on a scan may give up on its look-up. */
const givesUpFrom = 50;

type Verdict = "clean" | "hostile" | "gave up";
interface Scan {
  readonly job: Job;
  readonly agent: Process;
  readonly startMs: EpochMs;
}

export function createFilter(parts: FilterParts): Filter {
  const { agenda, random, log, scenario, settings, world, usage, name } = parts;
  const perSecond = (settings.capacity * scenario.rate) / scenario.platform.nodes.length;
  // At least two, so that one long scan does not stop a small site; then each takes longer.
  const scanners = Math.max(2, Math.round(perSecond * settings.serviceSeconds));
  const scanMs = (scanners / perSecond) * 1000;
  const ownShare = 1 - settings.asks.reduce((sum, { share }) => sum + share, 0);
  const agents = parts.processes("postfix/smtp", "scan");
  const inward = parts.processes("postfix/smtpd", "re-injection");
  let inner: InnerSession | null = null;

  /** How long a scan that begins now takes, and whether it gives up; its look-ups are counted as use meanwhile. */
  const begin = (nowMs: EpochMs) => {
    const baseMs = weibull(random, scanMs);
    let tookMs = baseMs * Math.max(0, ownShare);
    let gaveUp = false;
    const asked: { dependency: string; ms: Millis }[] = [];
    for (const { dependency, share } of settings.asks) {
      const { state, slowdown } = world.conditions.dependency(dependency, nowMs);
      const stalls = state === "refusing" || slowdown > givesUpFrom;
      const lookupMs =
        state === "refusing"
          ? baseMs * share
          : Math.min(Math.max(patienceMs, baseMs * share), baseMs * share * slowdown);
      tookMs += lookupMs;
      asked.push({ dependency, ms: lookupMs });
      if (stalls && random.unit() < settings.givesUpShare) gaveUp = true;
    }
    const shares = asked.map(({ dependency, ms }) => ({ dependency, part: ms / tookMs }));
    for (const { dependency, part } of shares) usage.wait(dependency, part);
    const end = () => {
      for (const { dependency, part } of shares) usage.wait(dependency, -part);
    };
    return { tookMs, gaveUp, end };
  };

  const say = ({ job, agent, startMs }: Scan, outcome: string) => {
    const { file, portions } = job;
    const delays = delaysText(
      file.activeMs - file.arrivalMs,
      startMs - file.activeMs,
      1,
      Math.max(0, agenda.nowMs - startMs - 1),
    );
    for (const { recipients } of portions) {
      for (const to of recipients) log.say(agent, `${file.queueId}: to=<${to}>, relay=${relay}, ${delays}, ${outcome}`);
    }
  };

  /** Through our second smtpd; the id there. */
  const handBack = (job: Job): string => {
    if (inner === null) {
      inner = { process: inward.take(), mails: 0, recipients: 0 };
      log.say(inner.process, `connect from ${nameOf(loopback)}`);
    }
    const { process } = inner;
    const id = parts.reinject(job, process);
    inner.mails++;
    for (const { recipients } of job.portions) inner.recipients += recipients.length;
    if (inner.mails === mailsPerSession) {
      const { mails: n, recipients } = inner;
      const commands = `ehlo=1 xforward=${n} mail=${n} rcpt=${recipients} data=${n} quit=1 commands=${3 * n + recipients + 2}`;
      log.say(process, `disconnect from ${nameOf(loopback)} ${commands}`);
      inward.give(process);
      inner = null;
    }
    return id;
  };

  const finish: Record<Verdict, (scan: Scan) => void> = {
    clean(scan) {
      const id = handBack(scan.job);
      say(scan, `dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as ${id})`);
    },
    hostile(scan) {
      const { job } = scan;
      if (settings.hostile === "discard") {
        say(scan, "dsn=2.7.0, status=sent (250 2.7.0 Ok, discarded, INFECTED: JS.Downloader)");
        for (const portion of job.portions) parts.manager().discarded(job, portion);
        return;
      }
      const said = "554 5.7.0 Reject, INFECTED: JS.Downloader (in reply to end of DATA command)";
      say(scan, `dsn=5.7.0, status=bounced (host 127.0.0.1[127.0.0.1] said: ${said})`);
      for (const portion of job.portions) parts.manager().blocked(job, portion);
    },
    "gave up"(scan) {
      const { job, startMs } = scan;
      const said = "451 4.5.0 Error in processing, look-up timed out (in reply to end of DATA command)";
      const reason = `host 127.0.0.1[127.0.0.1] said: ${said}`;
      say(scan, `dsn=4.5.0, status=deferred (${reason})`);
      const failure: Failure = { sinceMs: startMs, whose: "own", reason, reasonClass: "lookup" };
      for (const portion of job.portions) parts.manager().deferred(job, portion, failure);
    },
  };

  return {
    scanners: () => Math.floor(scanners * world.conditions.capacity("filter", name, agenda.nowMs) + 1e-9),
    scan(job, done) {
      const startMs = agenda.nowMs;
      const { tookMs, gaveUp, end } = begin(startMs);
      const agent = agents.take();
      agenda.at(startMs + tookMs, () => {
        end();
        agents.give(agent);
        finish[gaveUp ? "gave up" : job.file.hostile ? "hostile" : "clean"]({ job, agent, startMs });
        done({ reached: true });
        parts.manager().ended(job);
      });
    },
  };
}
