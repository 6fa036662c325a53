import type { EpochMs, Millis } from "@mailtide/shared";
import { endingOf, failureOf, type Ending } from "./far-side.ts";
import type { AskDependency, Lookup } from "./lookup.ts";
import type { Failure } from "./message.ts";
import { delaysText } from "./node-log.ts";
import type { NodeParts } from "./node-parts.ts";
import type { Process } from "./processes.ts";
import type { QueueManager } from "./queue-manager.ts";
import type { Feedback, Job } from "./transport.ts";

/** smtp(8) towards the world, and error(8) for next hops that are being left alone. */
export interface Delivery {
  deliver(job: Job, done: (feedback: Feedback) => void): void;
  suspended(job: Job, cause: Failure): void;
}

export interface DeliveryParts extends NodeParts {
  readonly manager: () => QueueManager;
  readonly ask: AskDependency;
}

interface Request {
  readonly job: Job;
  readonly agent: Process;
  readonly startMs: EpochMs;
  readonly done: (feedback: Feedback) => void;
}

/** error(8) is handed its requests one after the other. */
const errorMs: Millis = 30;

export function createDelivery(parts: DeliveryParts): Delivery {
  const { agenda, random, log, world, scenario, name, usage } = parts;
  const agents = parts.processes("postfix/smtp");
  const refusers = parts.processes("postfix/error");

  const finish = ({ job, agent, startMs, done }: Request, ending: Ending) => {
    agents.give(agent);
    for (const note of ending.notes) log.say(agent, note);
    const { file, portions } = job;
    const failure = failureOf(ending, startMs);
    const waitedMs = startMs - file.activeMs;
    const delays = delaysText(file.activeMs - file.arrivalMs, waitedMs, ending.setUpMs, ending.sendMs);
    const outcome = `relay=${ending.relay}, ${delays}, dsn=${ending.dsn}, status=${ending.status} (${ending.said})`;
    for (const portion of portions) {
      for (const to of portion.recipients) log.say(agent, `${file.queueId}: to=<${to}>, ${outcome}`);
      if (ending.status === "sent") parts.manager().delivered(job, portion);
      else if (ending.status === "bounced") parts.manager().bounced(job, portion);
      else parts.manager().deferred(job, portion, failure);
    }
    done(ending.unreachable ? { reached: false, cause: failure } : { reached: true });
    parts.manager().ended(job);
  };

  const attempt = (request: Request, lookedUpMs: Millis) => {
    const { job, startMs } = request;
    const destination = world.destination(job.nextHop);
    const fault = world.conditions.attempt(name, destination, agenda.nowMs, random);
    const recipient = job.portions[0]?.recipients[0] ?? "";
    const isFirst = job.file.deferral === null && !job.file.ownBounce;
    const ending = endingOf({ domain: job.nextHop, recipient, isFirst, destination, fault }, random);
    const setUpMs = ending.setUpMs + lookedUpMs;
    agenda.at(startMs + setUpMs + ending.sendMs, () => finish(request, { ...ending, setUpMs }));
  };

  /** What cannot even be addressed: a look-up of ours failed. */
  const lookupFailed = (request: Request, lookup: Lookup) => {
    const { job, startMs } = request;
    const isDns = lookup.type === "dns";
    const said = isDns
      ? `Host or domain name not found. Name service error for name=${job.nextHop} type=MX: Host not found, try again`
      : `${lookup.dependency}: temporary lookup failure`;
    finish(request, {
      setUpMs: agenda.nowMs - startMs,
      sendMs: 0,
      relay: "none",
      status: "deferred",
      dsn: isDns ? "4.4.3" : "4.3.0",
      said,
      notes: [],
      reasonClass: isDns ? "dns" : "lookup",
      whose: "own",
      unreachable: isDns,
    });
  };

  return {
    deliver(job, done) {
      const startMs = agenda.nowMs;
      const request: Request = { job, startMs, done, agent: agents.take() };
      let lookedUpMs = 0;
      for (const dependency of scenario.platform.delivery.asks) {
        const lookup = parts.ask(dependency, startMs);
        if (!lookup.failed) {
          lookedUpMs += lookup.tookMs;
          continue;
        }
        usage.wait(dependency, 1);
        agenda.at(startMs + lookedUpMs + lookup.tookMs, () => {
          usage.wait(dependency, -1);
          lookupFailed(request, lookup);
        });
        return;
      }
      if (lookedUpMs < 100) attempt(request, lookedUpMs);
      else agenda.at(startMs + lookedUpMs, () => attempt(request, lookedUpMs));
    },
    suspended(job, cause) {
      const sinceMs = agenda.nowMs;
      agenda.at(sinceMs + errorMs * (1 + random.unit()), () => {
        const { file, portions } = job;
        const reason = `delivery temporarily suspended: ${cause.reason}`;
        const agent = refusers.any();
        const delays = delaysText(file.activeMs - file.arrivalMs, sinceMs - file.activeMs, 0, agenda.nowMs - sinceMs);
        for (const portion of portions) {
          for (const to of portion.recipients) {
            log.say(
              agent,
              `${file.queueId}: to=<${to}>, relay=none, ${delays}, dsn=${dsnOf(cause)}, status=deferred (${reason})`,
            );
          }
          parts.manager().deferred(job, portion, { ...cause, sinceMs, reason });
        }
        parts.manager().ended(job);
      });
    },
  };
}

const dsnOf = ({ reasonClass }: Failure): string =>
  reasonClass === "dns" ? "4.4.3" : reasonClass === "tls" ? "4.7.5" : "4.4.1";
