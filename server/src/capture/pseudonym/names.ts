import { isKnownWord } from "./known-words.ts";
import type { Networks } from "./networks.ts";
import type { Words } from "./words.ts";

export interface Names {
  /** A domain name, label by label, so that names with a common end keep a common end. */
  domain(name: string): string;
  /** A host, an address or a transport, as it stands in `client=`, `relay=` or `helo=`. */
  host(name: string): string;
  /** A rule of `ownHops`. */
  hop(rule: string): string;
}

export function createNames(words: Words, networks: Networks): Names {
  const domain = (name: string): string => {
    const labels = name.split(".");
    return labels
      .map((label, index) =>
        words(
          label,
          labels
            .slice(index + 1)
            .join(".")
            .toLowerCase(),
        ),
      )
      .join(".");
  };
  const host = (name: string): string => {
    if (name === "" || isKnownWord(name)) return name;
    const bracketed = /^\[(IPv6:)?(.*)\]$/i.exec(name);
    const ip = networks.ip(bracketed?.[2] ?? name);
    if (ip !== null) return bracketed === null ? ip : `[${bracketed[1] ?? ""}${ip}]`;
    return plainName.test(name) ? domain(name) : words(name);
  };
  const hop = (rule: string): string => {
    const transport = /^transport:(.+)$/.exec(rule)?.[1];
    if (transport !== undefined) return `transport:${host(transport)}`;
    const prefix = networks.prefix(rule);
    if (prefix !== null) return prefix;
    const withPort = /^(\[?)([^\]]+?)(\]?):(\d{1,5})$/.exec(rule);
    if (withPort !== null) {
      const [, open = "", place = "", close = "", port = ""] = withPort;
      return `${open}${networks.prefix(place) ?? hopName(place)}${close}:${port}`;
    }
    return hopName(rule);
  };
  const hopName = (name: string): string => {
    const lower = name.replace(/^\[(.*)\]$/, "$1").toLowerCase();
    return lower.startsWith(".") ? `.${domain(lower.slice(1))}` : host(lower);
  };
  return { domain, host, hop };
}

const plainName = /^[\w-]+(?:\.[\w-]+)*\.?$/;
