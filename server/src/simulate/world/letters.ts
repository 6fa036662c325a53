import type { EpochMs } from "@mailtide/shared";
import type { Host, Session } from "../engine/world.ts";
import type { Random } from "../random.ts";
import { hashText } from "./hash.ts";

/** What a letter may say about itself; the rest is the usual. */
export interface Letter extends Partial<Session> {
  readonly client: Host;
  readonly sender: string;
  readonly recipients: readonly string[];
}

/** Makes sessions of letters: sizes, Message-IDs and greetings as they usually are. */
export type Stationery = (letter: Letter, nowMs: EpochMs) => Session;

/** `part` keeps the Message-IDs of two desks apart. */
export function createStationery(random: Random, part: string): Stationery {
  const desk = (hashText(part) % 46_656).toString(36);
  let serial = 0;
  return (letter, nowMs) => ({
    client: letter.client,
    helo: letter.helo ?? (letter.client.name === "unknown" ? "localhost" : letter.client.name),
    saslUser: letter.saslUser ?? null,
    sender: letter.sender,
    recipients: letter.recipients,
    sizeBytes: letter.sizeBytes ?? Math.round(random.lognormal(42_000, 1.4)) + 900,
    messageId:
      letter.messageId ??
      `${Math.floor(nowMs).toString(36)}.${desk}${(++serial).toString(36)}@${letter.client.name === "unknown" ? "localhost" : letter.client.name}`,
    hostile: letter.hostile ?? false,
    who: letter.who ?? "innocent",
    refuse: letter.refuse ?? null,
  });
}

/** Addresses as they are written now and then: BATV's `prvs=`, a forwarder's SRS0, and `name+tag`. */
export function dressed(random: Random, sender: string): string {
  const dice = random.unit();
  if (dice >= 0.025) return sender;
  const at = sender.lastIndexOf("@");
  const local = sender.slice(0, at);
  const domain = sender.slice(at + 1);
  const tag = random.below(0xffffff).toString(16).padStart(6, "0");
  if (dice < 0.01) return `prvs=${random.below(10)}${String(random.below(1000)).padStart(3, "0")}${tag}=${sender}`;
  if (dice < 0.018)
    return `SRS0=${tag.slice(0, 4)}=${tag.slice(4)}=${domain}=${local}@forward-${random.below(40)}.example`;
  return `${local}+${tag}@${domain}`;
}

/** Variable envelope return path: the bounce address of a list says whose copy it was. */
export const verp = (list: string, listDomain: string, recipient: string): string =>
  `${list}-bounces+${recipient.replace("@", "=")}@${listDomain}`;
