import type { Session } from "../engine/world.ts";
import type { Random } from "../random.ts";
import { arrive, createMood } from "./arrivals.ts";
import { plainSession, sizeOf, type WorldParts } from "./parts.ts";
import { domainOf, spread } from "./people.ts";

const minuteSeconds = 60;
/** A list's post goes to so many of our people on average. */
const listReaders = 6;
/** Bounces and receipts of others: mail without a sender. */
const nullSenderShare = 0.015;
const deadShare = 0.003;
/** A mistyped address among the recipients' domain. */
const typoShare = 0.02;

/** Everybody's ordinary mail: correspondents, strangers, lists, notes to oneself, customers, newsletters, robots, typists. */
export function startEveryday(parts: WorldParts): void {
  const { scenario, calendar, agenda, people, senders } = parts;
  const { rate, arrivals } = scenario;
  const random = parts.random();
  const mood = createMood(parts.random(), arrivals.dispersion, (atMs) => rate * calendar.rhythm(atMs) * minuteSeconds);
  const usual = (atMs: number) => rate * calendar.rhythm(atMs) * mood(atMs);

  arrive(
    agenda,
    random,
    (atMs) => usual(atMs) * arrivals.inboundShare,
    () => inbound(parts, random),
  );
  const submission = parts.random();
  arrive(
    agenda,
    submission,
    (atMs) => usual(atMs) * (1 - arrivals.inboundShare),
    () => outbound(parts, submission),
  );

  const letters = parts.random();
  arrive(
    agenda,
    letters,
    (atMs) => rate * calendar.newsletter(atMs),
    () => newsletter(parts, letters),
  );

  const robots = parts.random();
  arrive(
    agenda,
    robots,
    (atMs) => rate * arrivals.robots * (0.5 + calendar.rhythm(atMs)),
    () => {
      const number = robots.below(4_000);
      const client = { name: "unknown", ip: spread(245, number) };
      const to = people.customer(robots);
      const session = plainSession(client, people.outsider(robots), [to], parts.newMessageId("localhost"), {
        who: "robot",
        refuse: "listed",
      });
      senders.offer(session, "robot", number);
    },
  );

  const typists = parts.random();
  arrive(
    agenda,
    typists,
    (atMs) => rate * typoShare * calendar.rhythm(atMs),
    () => {
      const one = people.correspondent(typists);
      const to = people.customer(typists).replace("@", "x@");
      const session = plainSession(one.host, one.writer(typists), [to], parts.newMessageId(one.host.name), {
        refuse: "unknown-user",
      });
      senders.offer(session, "server", one.number);
    },
  );
}

/** One mail to a customer, or a list's post to several of them. */
export function inbound(parts: WorldParts, random: Random): void {
  const { people, senders, scenario } = parts;
  const { population } = scenario;
  if (random.unit() < population.listShare / listReaders) return listPost(parts, random);
  const to = people.customer(random);
  if (random.unit() < population.selfMailShare) return noteToSelf(parts, random, to);
  const one = random.unit() < population.strangerShare ? people.stranger() : people.correspondent(random);
  const session = plainSession(
    one.host,
    senderOf(one.writer(random), random),
    colleagues(random, to),
    parts.newMessageId(one.host.name),
    {
      sizeBytes: sizeOf(random),
      hostile: random.unit() < population.hostileShare,
    },
  );
  senders.offer(session, "server", one.number);
}

/** Scanners, web forms, voicemail and notes to oneself: innocent mail whose sender is its recipient. */
function noteToSelf(parts: WorldParts, random: Random, to: string): void {
  const { people, senders } = parts;
  const fromOffice = random.unit() < 0.7;
  const host = fromOffice ? people.customerHost(to) : people.correspondent(random).host;
  senders.offer(
    plainSession(host, to, [to], parts.newMessageId(host.name), { sizeBytes: sizeOf(random) }),
    "server",
    1,
  );
}

/** One message to some of our people, one after the other, each with a sender of its own (VERP). */
function listPost(parts: WorldParts, random: Random): void {
  const { people, senders, agenda } = parts;
  const list = random.below(80);
  const host = { name: `lists-${list}.example`, ip: spread(246, list) };
  const messageId = parts.newMessageId(host.name);
  const readers = 1 + Math.floor(random.exponential(listReaders - 1));
  const sizeBytes = sizeOf(random);
  let afterMs = 0;
  for (let reader = 0; reader < Math.min(readers, 60); reader++) {
    const to = people.customer(random);
    const sender = `list-${list}-bounces+${to.replace("@", "=")}@${host.name}`;
    const session = plainSession(host, sender, [to], messageId, { sizeBytes });
    afterMs += random.exponential(2_000);
    agenda.at(agenda.nowMs + afterMs, () => senders.offer(session, "server", list));
  }
}

function outbound(parts: WorldParts, random: Random): void {
  const { people, senders } = parts;
  const sender = people.customer(random);
  const host = people.customerHost(sender);
  const first = random.unit() < deadShare ? people.deadAddress(random) : people.outsider(random);
  const recipients = random.unit() < 0.05 ? [first, people.outsider(random), people.outsider(random)] : [first];
  const session = plainSession(host, sender, recipients, parts.newMessageId(host.name), {
    saslUser: sender,
    sizeBytes: sizeOf(random),
  });
  senders.offer(session, "person", 0);
}

/** A customer's newsletter: one message, one recipient at a time. */
function newsletter(parts: WorldParts, random: Random): void {
  const { people, senders } = parts;
  const sender = `news@${people.hostedDomains[0] ?? ""}`;
  const host = people.customerHost(sender);
  const session: Session = plainSession(host, sender, [people.outsider(random)], parts.newMessageId(host.name), {
    saslUser: sender,
    sizeBytes: 61_000,
  });
  senders.offer(session, "person", 0);
}

/** Now and then a tagged address, a forwarder's, or none at all. */
function senderOf(address: string, random: Random): string {
  const dice = random.unit();
  if (dice < nullSenderShare) return "";
  const at = address.lastIndexOf("@");
  const local = address.slice(0, at);
  if (dice < 0.03) return `prvs=${random.below(10_000)}ab12cd=${address}`;
  if (dice < 0.04)
    return `SRS0=a1b2=${random.below(100)}=${domainOf(address)}=${local}@forwarder-${random.below(20)}.example`;
  if (dice < 0.06) return `${local}+news@${domainOf(address)}`;
  return address;
}

/** Now and then a mail goes to two or three people of one firm. */
function colleagues(random: Random, recipient: string): string[] {
  if (random.unit() > 0.06) return [recipient];
  const domain = domainOf(recipient);
  return [...new Set([recipient, `info@${domain}`, `accounts@${domain}`])];
}
