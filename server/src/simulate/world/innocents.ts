import type { Share } from "@mailtide/shared";
import type { Agenda } from "../agenda.ts";
import type { Scenario } from "../scenario/schema.ts";
import type { Correspondents, Writer } from "./correspondents.ts";
import type { Customers } from "./customers.ts";
import { habitOf, person } from "./habits.ts";
import { dressed } from "./letters.ts";
import { createNewsletter, createPosts, meanMembers } from "./lists.ts";
import type { Outside } from "./outside.ts";
import type { Desks } from "./desk.ts";
import type { Draws } from "./seeds.ts";
import { createSelfMail } from "./self-mail.ts";

/** Those who mean no harm. Each call is one arrival. */
export interface Innocents {
  /** Innocent mail of any kind; a post to a list is several messages. */
  any(): void;
  newsletter(): void;
  /** A mistyped address. */
  typist(): void;
}

export interface InnocentParts {
  readonly scenario: Scenario;
  readonly agenda: Agenda;
  readonly draws: Draws;
  readonly customers: Customers;
  readonly outside: Outside;
  readonly correspondents: Correspondents;
  readonly desks: Desks;
}

/** Mail with several recipients; what goes from one firm to another on the same platform; receipts and bounces of others. */
const severalShare = 0.06;
const internalShare = 0.05;
const deadShare = 0.003;
const receiptShare = 0.015;
const taggedShare = 0.008;

/** Messages are `share` of lists in the end; so much of the arrivals are posts, and so many messages is one arrival. */
export function postsAmong(share: Share): { readonly postShare: Share; readonly messagesPerArrival: number } {
  const arrivals = 1 - share + share / meanMembers;
  return { postShare: share / meanMembers / arrivals, messagesPerArrival: 1 / arrivals };
}

export function createInnocents(parts: InnocentParts): Innocents {
  const { scenario, agenda, draws, customers, outside, correspondents, desks } = parts;
  const send = desks("innocent letters");
  const { population, arrivals } = scenario;
  const random = draws("innocent letters");
  const listShare = Math.min(population.listShare, arrivals.inboundShare);
  const { postShare } = postsAmong(listShare);
  const inShare = listShare >= 1 ? 1 : (arrivals.inboundShare - listShare) / (1 - listShare);
  const selfMail = createSelfMail(customers, draws("devices"));
  const listParts = { agenda, random: draws("lists"), customers, desks };
  const post = createPosts(listParts);
  const newsletter = createNewsletter({ ...listParts, random: draws("newsletters") });

  const deliver = ({ host, address, habit }: Writer, recipient: string) => {
    // The null sender is for notices about other mail, which go to one person (RFC 5321, 4.5.5).
    const isReceipt = random.unit() < receiptShare;
    const recipients = isReceipt ? [recipient] : withColleagues(recipient);
    const sender = isReceipt ? "" : dressed(random, address);
    const hostile = random.unit() < population.hostileShare;
    send({ client: host, sender, recipients, hostile }, habit);
  };
  const withColleagues = (recipient: string): string[] => {
    if (random.unit() >= severalShare) return [recipient];
    const others = [customers.colleague(random, recipient), customers.colleague(random, recipient)];
    return [...new Set([recipient, ...others])];
  };
  const customer = () => {
    const address = customers.address(random);
    return random.unit() < taggedShare ? address.replace("@", "+shop@") : address;
  };

  const inbound = () => {
    if (random.unit() < population.selfMailShare) {
      const { client, address } = selfMail.device(random);
      const letter = { client, sender: address, recipients: [address] };
      return send(letter, habitOf(client.ip));
    }
    const isStranger = random.unit() < population.strangerShare;
    deliver(isStranger ? correspondents.stranger(random) : correspondents.writer(random), customer());
  };
  const reader = () => {
    const dice = random.unit();
    if (dice < deadShare) return outside.deadAddress(random);
    return dice < deadShare + internalShare ? customers.address(random) : outside.address(random);
  };
  const outbound = () => {
    const sender = customers.address(random);
    const client = customers.client(random, sender);
    const isNote = random.unit() < population.selfMailShare;
    const recipients = isNote ? [sender] : [reader()];
    if (!isNote && random.unit() < severalShare) recipients.push(reader());
    send({ client, saslUser: sender, sender, recipients }, person);
  };

  return {
    any() {
      if (random.unit() < postShare) return post();
      if (random.unit() < inShare) inbound();
      else outbound();
    },
    newsletter,
    typist() {
      const { host, address, habit } = correspondents.writer(random);
      const recipient = customers.address(random).replace("@", "x@");
      const letter = { client: host, sender: address, recipients: [recipient], refuse: "unknown-user" } as const;
      send(letter, habit);
    },
  };
}
