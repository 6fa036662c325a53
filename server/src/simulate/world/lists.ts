import type { Agenda } from "../agenda.ts";
import type { Host } from "../engine/world.ts";
import type { Random } from "../random.ts";
import { inNetwork, lone } from "./addresses.ts";
import type { Customers } from "./customers.ts";
import { createZipf, geometric } from "./draw.ts";
import { habits, provider } from "./habits.ts";
import { verp } from "./letters.ts";
import type { Desks } from "./desk.ts";

export interface ListParts {
  readonly agenda: Agenda;
  readonly random: Random;
  readonly customers: Customers;
  readonly desks: Desks;
}

/** Our people on a list who get a post, on average. */
export const meanMembers = 8;
const lists = 60;
const gapMs = 900;

/** One post: the same Message-ID to many of our people, one after the other. */
export function createPosts({ agenda, random, customers, desks }: ListParts): () => void {
  const send = desks("lists");
  const someList = createZipf(lists, 0.7);
  let posts = 0;
  return () => {
    const index = someList(random);
    const domain = `lists-${index}.example`;
    const client: Host = { name: `post.${domain}`, ip: lone("list", index) };
    const messageId = `${agenda.nowMs.toString(36)}.${(posts++).toString(36)}@${domain}`;
    const sizeBytes = Math.round(random.lognormal(9_000, 0.8)) + 1_500;
    let left = geometric(random, meanMembers);
    const hand = () => {
      const recipient = customers.address(random);
      const sender = verp(`talk-${index}`, domain, recipient);
      const letter = { client, sender, recipients: [recipient], messageId, sizeBytes };
      send(letter, habits.postfix);
      if (--left > 0) agenda.at(agenda.nowMs + random.exponential(gapMs), hand);
    };
    hand();
  };
}

/** A copy of a newsletter: everybody gets one, from the many servers of a few known houses. */
export function createNewsletter({ random, customers, desks }: ListParts): () => void {
  const send = desks("newsletters");
  const houses = 3;
  const servers = 40;
  return () => {
    const house = random.below(houses);
    const server = random.below(servers);
    const domain = `news-${house}.example`;
    const client: Host = { name: `mta${server + 1}.${domain}`, ip: inNetwork("newsletter", house, server) };
    const recipient = customers.address(random);
    const letter = { client, sender: verp("monthly", domain, recipient), recipients: [recipient], sizeBytes: 61_000 };
    send(letter, provider);
  };
}
