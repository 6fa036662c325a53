import type { EpochMs, PerSecond } from "@mailtide/shared";
import type { Agenda } from "./agenda.ts";
import { attackSources, flood, inboundShare, refusedByHand, rhythm } from "./day.ts";
import { nameOf, type MailNode } from "./mail-node.ts";
import type { Draft } from "./message.ts";
import type { People } from "./people.ts";
import type { Random } from "./random.ts";

export interface TrafficParts {
  readonly agenda: Agenda;
  readonly random: Random;
  readonly people: People;
  readonly nodes: readonly MailNode[];
  /** Innocent messages a second at noon. */
  readonly rate: PerSecond;
}

/** Starts everybody who connects: customers, correspondents, the attackers, and the robots that are refused all day. */
export function startTraffic(parts: TrafficParts): void {
  const { agenda, random, people, nodes, rate } = parts;
  let serial = 0;
  const newMessageId = (host: string) => `${Math.floor(agenda.nowMs).toString(36)}.${(++serial).toString(36)}@${host}`;
  const node = () => random.pick(nodes);
  const size = () => Math.round(random.lognormal(42_000, 1.4)) + 900;

  const inbound = (): Draft => {
    const recipient = people.customerAddress(random);
    const client = people.correspondent(random);
    // A note to oneself from a scanner or a phone is innocent.
    const sender = random.unit() < 0.003 ? recipient : people.outsiderAddress(random);
    return {
      client,
      saslUser: null,
      sender,
      recipients: colleagues(random, recipient),
      sizeBytes: size(),
      messageId: newMessageId(client.name),
      hostile: random.unit() < 0.004,
    };
  };
  const outbound = (): Draft => {
    const sender = people.customerAddress(random);
    const client = people.customerClient(sender);
    const recipient = random.unit() < 0.003 ? people.deadAddress(random) : people.outsiderAddress(random);
    return {
      client,
      saslUser: sender,
      sender,
      recipients: [recipient],
      sizeBytes: size(),
      messageId: newMessageId(client.name),
      hostile: false,
    };
  };
  const attack = () => {
    const index = random.below(attackSources);
    const client = people.attacker(index);
    const victim = people.customerAddress(random);
    if (index < refusedByHand(agenda.nowMs) * attackSources) {
      return node().refuse(
        client,
        refusal(
          nameOf(client),
          "554 5.7.1",
          `<${nameOf(client)}>: Client host rejected: Access denied`,
          victim,
          victim,
        ),
      );
    }
    node().accept({
      client,
      saslUser: null,
      sender: victim,
      recipients: [victim],
      sizeBytes: 6_000 + random.below(9_000),
      messageId: newMessageId(client.name === "unknown" ? "localhost" : client.name),
      hostile: true,
    });
  };
  const robot = () => {
    const client = people.robot(random);
    const to = people.customerAddress(random);
    const listed = `Service unavailable; Client host [${client.ip}] blocked using bl.lists.example`;
    node().refuse(client, refusal(nameOf(client), "554 5.7.1", listed, people.outsiderAddress(random), to));
  };
  const typist = () => {
    const client = people.correspondent(random);
    const to = people.customerAddress(random).replace("@", "x@");
    const said = `<${to}>: Recipient address rejected: User unknown in relay recipient table`;
    node().refuse(client, refusal(nameOf(client), "550 5.1.1", said, people.outsiderAddress(random), to));
  };

  stream(
    parts,
    (atMs) => rate * inboundShare * rhythm(atMs),
    () => node().accept(inbound()),
  );
  stream(
    parts,
    (atMs) => rate * (1 - inboundShare) * rhythm(atMs),
    () => node().accept(outbound()),
  );
  stream(parts, (atMs) => rate * flood(atMs), attack);
  stream(parts, (atMs) => rate * 0.25 * (0.5 + rhythm(atMs)), robot);
  stream(parts, (atMs) => rate * 0.02 * rhythm(atMs), typist);
}

function refusal(client: string, code: string, said: string, from: string, to: string): string {
  return `NOQUEUE: reject: RCPT from ${client}: ${code} ${said}; from=<${from}> to=<${to}> proto=ESMTP helo=<${client.startsWith("unknown") ? "localhost" : client.slice(0, client.indexOf("["))}>`;
}

/** Now and then a mail goes to two or three people of one firm. */
function colleagues(random: Random, recipient: string): string[] {
  if (random.unit() > 0.06) return [recipient];
  const domain = recipient.slice(recipient.indexOf("@"));
  return [...new Set([recipient, `info${domain}`, `accounts${domain}`])];
}

/** The rate is read anew at least this often. */
const stepMs = 10_000;

/** Independent arrivals at a changing rate; memoryless, so a step without an arrival may be thrown away. */
function stream(parts: TrafficParts, perSecond: (atMs: EpochMs) => PerSecond, arrive: () => void): void {
  const { agenda, random } = parts;
  const next = () => {
    const rate = perSecond(agenda.nowMs);
    const waitMs = rate > 0 ? random.exponential(1000 / rate) : Infinity;
    const arrives = waitMs < stepMs;
    agenda.at(agenda.nowMs + Math.min(waitMs, stepMs), () => {
      if (arrives) arrive();
      next();
    });
  };
  next();
}
