import { hkdfSync } from "node:crypto";
import type { Tick } from "../../core/observation.ts";
import { compileHops } from "../../core/model/hops.ts";
import type { RecordedNode, RecordedSettings } from "../recording.ts";
import { createEvents } from "./event.ts";
import { createFreeText } from "./free-text.ts";
import { createMailboxes } from "./mailboxes.ts";
import { createNames } from "./names.ts";
import { createNetworks } from "./networks.ts";
import { createQueueIds } from "./queue-ids.ts";
import { createReasons, type HopsOf } from "./reason.ts";
import { createTicks } from "./ticks.ts";
import { createWords } from "./words.ts";

export interface Pseudonyms {
  tick(tick: Tick): Tick;
  settings(settings: RecordedSettings): RecordedSettings;
}

/**
 * Replaces all personal data of a recording by pseudonyms under one key (32 random bytes, to be forgotten afterwards): the
 * same thing has the same pseudonym everywhere in it, and whatever the delay model, the sources and the rules decide by is
 * decided as before. `nodes`: as recorded, for their own hops.
 */
export function createPseudonyms(key: Uint8Array, nodes: readonly RecordedNode[]): Pseudonyms {
  const part = (name: string, bytes: number): Uint8Array => new Uint8Array(hkdfSync("sha256", key, "", name, bytes));
  const words = createWords(part("words", 32));
  const networks = createNetworks(
    part("networks", 32),
    nodes.flatMap(({ ownHops }) => ownHops ?? []),
  );
  const names = createNames(words, networks);
  const mailbox = createMailboxes(words, names);
  const queueId = createQueueIds(words);
  const free = createFreeText({ names, networks, mailbox, queueId });
  const parts = { words, names, networks, mailbox, queueId, free, reason: createReasons(free) };
  const node = (one: RecordedNode): RecordedNode => ({
    ...one,
    ownDomains: one.ownDomains.map(names.domain),
    ...(one.ownHops === undefined ? {} : { ownHops: one.ownHops.map(names.hop) }),
  });
  const hops = new Map<string, HopsOf>(
    nodes.map((one) => [one.id, { clear: compileHops(one.ownHops), hidden: compileHops(node(one).ownHops) }]),
  );
  const tick = createTicks({ ...parts, event: createEvents(parts), hopsOf: (id) => hops.get(id) });
  const settings = (one: RecordedSettings): RecordedSettings => ({
    ...one,
    site: { ...one.site, name: "pseudonymised" },
    nodes: one.nodes.map(node),
    ...(one.probes === undefined ? {} : { probes: one.probes.map(mailbox) }),
  });
  return { tick, settings };
}
