import { instanceOf, queueIdOf } from "../../core/model/queue-key.ts";
import type { Command } from "../../core/alert/signal.ts";
import type {
  Change,
  Observation,
  ProbeObservation,
  QueueObservation,
  SqlDetails,
  Tick,
} from "../../core/observation.ts";
import type { EventParts } from "./event.ts";
import type { HopsOf } from "./reason.ts";

export interface TickParts extends EventParts {
  readonly event: ReturnType<typeof import("./event.ts").createEvents>;
  readonly hopsOf: (node: string) => HopsOf | undefined;
}

/** A turn with every text that somebody chose replaced; what was only counted, timed or measured stays. */
export function createTicks(parts: TickParts): (tick: Tick) => Tick {
  const { event, hopsOf, mailbox } = parts;
  const say = (text: string): string => parts.free(text, none);
  const observation = (one: Observation): Observation => {
    switch (one.kind) {
      case "log":
        return { ...one, event: event(one.event, hopsOf(one.node)) };
      case "queue":
        return listing(one, parts);
      case "counts":
        return { ...one, queues: hiddenNames(one.queues, parts) };
      case "probe":
        return probe(one, parts, say);
      case "change":
        return { ...one, change: change(one.change, parts, say) };
      case "health":
        return {
          ...one,
          problem: one.problem === null ? null : say(one.problem),
          ...(one.says === undefined ? {} : { says: say(one.says) }),
          ...(one.probes === undefined ? {} : { probes: one.probes.map(mailbox) }),
        };
      case "loss":
        // A path may name a host.
        return one.gap?.log === undefined ? one : { ...one, gap: { ...one.gap, log: say(one.gap.log) } };
      default:
        throw new Error("an observation of a kind that cannot be pseudonymised");
    }
  };
  return ({ nowMs, observations, commands, pagesSent }) => ({
    nowMs,
    observations: observations.map(observation),
    commands: commands.map((one) => command(one, parts, say)),
    pagesSent,
  });
}

const none: ReadonlySet<string> = new Set();

function listing(one: QueueObservation, { names, mailbox, queueId, reason, hopsOf }: TickParts): QueueObservation {
  const hops = hopsOf(one.node);
  const { snapshot } = one;
  // As the tags of its lines are.
  const hidden = (instance: string): string => instance.split("/").map(names.host).join("/");
  return {
    ...one,
    snapshot: {
      ...snapshot,
      queues: hiddenNames(snapshot.queues, { names }),
      reasons: snapshot.reasons.map((each) => ({ ...each, sample: reason(each.sample, undefined, none) })),
      topDomains: snapshot.topDomains.map(({ name, count }) => ({ name: names.domain(name), count })),
      topSenders: snapshot.topSenders.map(({ name, count }) => ({ name: mailbox(name), count })),
    },
    unknown: one.unknown.map((entry) => ({
      ...entry,
      queueId: queueId(entry.queueId),
      queue: queueNames.has(entry.queue) ? entry.queue : names.host(entry.queue),
      sender: mailbox(entry.sender),
      recipients: entry.recipients.map((each) => ({
        address: mailbox(each.address),
        reason: each.reason === null ? null : reason(each.reason, undefined, none, hops),
      })),
    })),
    ...(one.instance === undefined ? {} : { instance: hidden(one.instance) }),
    vanished: one.vanished.map((key) => hidden(instanceOf(key)) + queueId(queueIdOf(key))),
  };
}

/** Some MTAs name a queue for where its mail goes. */
function hiddenNames<T>(queues: Readonly<Record<string, T>>, { names }: Pick<TickParts, "names">): Record<string, T> {
  return Object.fromEntries(
    Object.entries(queues).map(([name, count]) => [queueNames.has(name) ? name : names.host(name), count]),
  );
}

function probe(one: ProbeObservation, parts: TickParts, say: (text: string) => string): ProbeObservation {
  const { error, details } = one;
  return {
    ...one,
    ...(error === undefined ? {} : { error: say(error) }),
    ...(details === undefined ? {} : { details: sqlDetails(details, parts, say) }),
  };
}

/** Statements come with their literals masked, and a lock cannot be understood without them: they stay. */
function sqlDetails(details: SqlDetails, { mailbox }: TickParts, say: (text: string) => string): SqlDetails {
  const { blocked, ddl, blind } = details;
  // `PID user@database`: who waits for whom is told by the number.
  const session = (text: string): string => text.replace(/[^\s\d]\S*|\d+[^\s\d]\S*/g, mailbox);
  return {
    ...details,
    ...(blocked === undefined
      ? {}
      : {
          blocked: blocked.map((each) => ({
            ...each,
            session: session(each.session),
            blockedBy: each.blockedBy.map(session),
          })),
        }),
    ...(ddl === undefined ? {} : { ddl: ddl.map((each) => ({ ...each, session: session(each.session) })) }),
    ...(blind === undefined ? {} : { blind: say(blind) }),
  };
}

function change(one: Change, { words, names }: TickParts, say: (text: string) => string): Change {
  const { id, title, service, host, source, author, link } = one;
  return {
    ...one,
    id: /^chg_[0-9a-f]{24}$/.test(id) ? id : words(id),
    title: say(title),
    ...(service === undefined ? {} : { service: names.host(service) }),
    ...(host === undefined ? {} : { host: names.host(host) }),
    ...(source === undefined ? {} : { source: names.host(source) }),
    ...(author === undefined ? {} : { author: words(author) }),
    ...(link === undefined ? {} : { link: `https://${words(link)}.invalid/` }),
  };
}

function command(one: Command, { words }: TickParts, say: (text: string) => string): Command {
  if (one.type !== "silence") return { ...one, by: words(one.by) };
  return { ...one, silence: { ...one.silence, by: words(one.silence.by), reason: say(one.silence.reason) } };
}

const queueNames: ReadonlySet<string> = new Set(
  "incoming active deferred hold corrupt maildrop queue frozen outbound quarantine pending ready scheduled".split(" "),
);
