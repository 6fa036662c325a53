import { parseAddress } from "../../core/model/address.ts";
import { isKnownWord } from "./known-words.ts";
import type { Names } from "./names.ts";
import type { Networks } from "./networks.ts";
import { isHarmless } from "./vocabulary.ts";

export interface FreeTextParts {
  readonly names: Names;
  readonly networks: Networks;
  readonly mailbox: (address: string) => string;
  readonly queueId: (id: string) => string;
}

/**
 * Replaces in a sentence of a server or a person all that could be somebody's: addresses, hosts, URLs, numbers, and every
 * word that is not in the vocabulary. The form stays, so that what is read out of it (a hop, a queue id, a client) is read
 * as before. `ids`: queue ids that the line has named elsewhere.
 */
export function createFreeText({ names, networks, mailbox, queueId }: FreeTextParts) {
  const word = (text: string, ids: ReadonlySet<string>): string => {
    if (ids.has(text)) return queueId(text);
    if (/^\d+$/.test(text)) return number(text);
    return isHarmless(text) || isKnownWord(text) ? text : "*";
  };
  const dotted = (text: string): string => {
    if (statusCode.test(text)) return text;
    const ip = networks.ip(text);
    if (ip !== null) return ip;
    return /[^\d.]/.test(text) ? names.host(text) : "0";
  };
  return (text: string, ids: ReadonlySet<string> = new Set()): string =>
    text.replace(token, (...found: unknown[]) => {
      const { idMark, id, idBefore, harakas, angled, url, mail, colons, port, hop, host, plain } = found.at(
        -1,
      ) as Record<string, string | undefined>;
      if (idMark !== undefined) return `${idMark}${queueId(id ?? "")}`;
      if (idBefore !== undefined) return queueId(idBefore);
      if (harakas !== undefined) return queueId(harakas);
      if (angled !== undefined) return `<${angled.includes("@") ? mailbox(angled) : names.host(angled)}>`;
      if (url !== undefined) return `${url}*`;
      if (mail !== undefined) return mailbox(mail);
      if (colons !== undefined) {
        if (parseAddress(colons) !== null) return networks.ip(colons) ?? "*";
        return colons.replace(/[\da-f]+/gi, (part) => word(part, ids));
      }
      if (port !== undefined) return port;
      if (hop !== undefined) return parseAddress(hop) === null ? names.host(hop) : (networks.ip(hop) ?? "*");
      if (host !== undefined) return dotted(host);
      if (plain !== undefined) return word(plain, ids);
      return "*";
    });
}

/** Reply codes say what class a reason is of; other numbers may be anybody's. */
const number = (text: string): string => (/^[245]\d\d$/.test(text) ? text : "0");
const statusCode = /^[245]\.\d{1,3}\.\d{1,3}$/;

/** What may stand in a sentence, the more special before the more common; what none of them takes is punctuation. */
const token = new RegExp(
  [
    String.raw`(?<idMark>(?:queued|forwarded|took it) as |OK id=)(?<id>[0-9A-Za-z-]{1,64})`,
    String.raw`(?<idBefore>[0-9A-Za-z-]{1,64})(?= Message accepted for delivery)`,
    String.raw`(?<harakas>[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}\.\d{1,9})`,
    String.raw`<(?<angled>[^<>\s]{1,1000})>`,
    String.raw`(?<url>https?:\/\/)[^\s<>"')\]]+`,
    String.raw`(?<mail>[^\s<>()[\]"',;:=]+@[^\s<>()[\]"',;:]+)`,
    String.raw`(?<colons>[\da-fA-F]{0,4}:[\da-fA-F:]*:[\da-fA-F:]*(?:\d{1,3}(?:\.\d{1,3}){3})?)`,
    String.raw`(?<port>\]:\d{1,5}|\(port \d{1,5}(?=\)$))(?!\d)`,
    String.raw`(?<hop>[\p{L}\p{N}_.-]+)(?=\[)`,
    String.raw`(?<host>[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)+)`,
    String.raw`(?<plain>[\p{L}\p{M}\p{N}_]+(?:['-][\p{L}\p{M}\p{N}_]+)*)`,
    String.raw`[^\x00-\x7f]+`,
  ].join("|"),
  "gu",
);
