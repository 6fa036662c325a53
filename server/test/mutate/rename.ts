import ipaddr from "ipaddr.js";

/** What `mailtide parse` or a case says of a line, key by key. */
export type Facts = Readonly<Record<string, unknown>>;

/**
 * Other names for everything in a line that has one: hosts, addresses, IPs, ports, queue ids. The same in the line and in
 * what it means: a reader that goes by how a line is built says the same of both, with the names exchanged.
 */
export interface Renaming {
  readonly line: string;
  facts(facts: Facts): Record<string, unknown>;
}

export function rename(line: string, facts: Facts, mta: string, random: () => number): Renaming {
  const names = new Map<string, string>();
  /** What was two is not to become one. */
  const used = new Set<string>();
  const ips = new Map<string, string>();
  const ports = new Map<number, number>();
  const ids = idsOf(facts);
  const lexer = lexerFor(ids, mta);
  const nameOf = (token: string, make: () => string): string => {
    let name = names.get(token);
    while (name === undefined || (!names.has(token) && name !== token && used.has(name))) name = make();
    names.set(token, name);
    used.add(name);
    return name;
  };
  const exchange = (text: string): string =>
    text.replace(lexer, (token, ...groups) => {
      const { id, v6, address, v4, host, port } = groups.at(-1) as Record<string, string | undefined>;
      if (id !== undefined) return nameOf(id, () => anotherId(id, mta, random));
      if (v6 !== undefined) return nameOf(v6, () => keep(ips, v6, anotherIp(v6, true, random)));
      if (v4 !== undefined) return nameOf(v4, () => keep(ips, v4, anotherIp(v4, isBracketed(line, v4), random)));
      if (address !== undefined)
        return nameOf(address, () => anotherAddress(isAngled(line, address), isLocal(address), mta, random));
      if (host !== undefined) return nameOf(host, () => anotherHost(random));
      if (port !== undefined) {
        const number = Number(port);
        const other = ports.get(number) ?? 1 + Math.floor(random() * 65_000);
        ports.set(number, other);
        return `]:${other}`;
      }
      return token;
    });
  const renamed = exchange(line);
  return {
    line: renamed,
    facts: (said) =>
      Object.fromEntries(
        Object.entries(said).map(([key, value]) => {
          if (key.endsWith("Port") && typeof value === "number") return [key, ports.get(value) ?? value];
          if (key.endsWith("Ip") && typeof value === "string") return [key, ipAfter(value, ips) ?? value];
          // A far side without a name is known by its address.
          if ((key === "relay" || key === "clientName") && ips.has(String(value))) return [key, ips.get(String(value))];
          if (typeof value === "string" && value.startsWith("@")) return [key, `@${exchange(value.slice(1))}`];
          if (typeof value === "string") return [key, untouched.has(key) ? value : exchange(value)];
          if (Array.isArray(value)) return [key, value.map((one) => (typeof one === "string" ? exchange(one) : one))];
          return [key, value];
        }),
      ),
  };
}

/** Words of ours, and parts of a header that keep their names here. */
const untouched = new Set([
  "event",
  "status",
  "stage",
  "action",
  "attribution",
  "dsn",
  "proto",
  "tls",
  "time",
  "process",
]);

function idsOf(facts: Facts): string[] {
  const stated = ["queueId", "bounceQueueId", "nextQueueId", "origQueueId"].map((key) => facts[key]);
  return [...new Set(stated)].filter((id): id is string => typeof id === "string" && id.length > 4 && id !== "NOQUEUE");
}

/** One pass over the text, so that no name is exchanged twice. */
function lexerFor(ids: readonly string[], mta: string): RegExp {
  // An envelope of OpenSMTPD's begins with its message's id, and so does an attempt of Haraka's.
  const idEnd = mta === "opensmtpd" || mta === "haraka" ? "" : String.raw`(?![\w@-]|\.\w)`;
  const known = ids.map((id) => id.replace(/[^\w-]/g, String.raw`\$&`)).join("|");
  return new RegExp(
    [
      ...(known === "" ? [] : [String.raw`(?<id>(?<![\w@.-])(?:${known})${idEnd})`]),
      String.raw`(?<=\[)(?:IPv6:)?(?<v6>[0-9A-Fa-f:]*:[0-9A-Fa-f:.]+)(?=\])`,
      String.raw`(?<address>(?<![\w.+%@-])[A-Za-z0-9][\w.+-]*@(?:[A-Za-z0-9][A-Za-z0-9-]*\.)*[A-Za-z][A-Za-z0-9-]*(?![\w@]))`,
      String.raw`(?<v4>(?<![\w.:-])\d{1,3}(?:\.\d{1,3}){3}(?![\w.]|-\d))`,
      String.raw`(?<host>(?<![\w.@/_-])(?:[a-z0-9][a-z0-9-]*\.)+(?:test|example|org|net|com|invalid|isp|de)(?![\w@/_-]|\.\w))`,
      String.raw`\]:(?<port>\d{1,5})(?!\d)`,
    ].join("|"),
    "g",
  );
}

function keep(ips: Map<string, string>, before: string, after: string): string {
  ips.set(canonical(before) ?? before, canonical(after) ?? after);
  return after;
}

const ipAfter = (ip: string, ips: ReadonlyMap<string, string>): string | undefined => ips.get(canonical(ip) ?? ip);

function canonical(text: string): string | undefined {
  if (!ipaddr.isValid(text)) return undefined;
  const address = ipaddr.process(text);
  return address instanceof ipaddr.IPv6 ? address.toRFC5952String() : address.toString();
}

/** Everywhere it stands: else it is no more than a name, which cannot become another kind of address. */
const isBracketed = (line: string, ip: string): boolean =>
  line
    .split(ip)
    .every((before, at, all) => at === all.length - 1 || (before.endsWith("[") && all[at + 1]?.startsWith("]")));

/** In brackets everywhere, and never within quotes of the line's own. */
const isAngled = (line: string, address: string): boolean =>
  !/rejected "|command="|params="/.test(line) &&
  line
    .split(address)
    .every((before, at, all) => at === all.length - 1 || (before.endsWith("<") && all[at + 1]?.startsWith(">")));

/** Whose wait it is depends on whether an address is private: it stays so. */
function anotherIp(ip: string, either: boolean, random: () => number): string {
  const number = (most: number): number => 1 + Math.floor(random() * most);
  // Of loopback and private ones a few are as good as any.
  if (isOwn(ip)) return ip;
  const v4 = `${pick(["192.0.2", "198.51.100", "203.0.113"], random)}.${number(253)}`;
  if (!either) return v4;
  const hex = number(65_000).toString(16);
  return pick([v4, v4, `2001:db8::${hex}`, `2001:DB8:0:0:0:0:${hex}:1`, `::ffff:${v4}`], random);
}

const isOwn = (ip: string): boolean =>
  ipaddr.isValid(ip) && ["loopback", "private", "linkLocal"].includes(ipaddr.process(ip).range());
const isLocal = (address: string): boolean => /@(?:localhost|mx)$/.test(address);

function anotherAddress(angled: boolean, local: boolean, mta: string, random: () => number): string {
  if (local) return `u${Math.floor(random() * 1e9)}@localhost`;
  const domain = anotherHost(random);
  const plain = [`someone@${domain}`, `a.b+tag=x@${domain}`, `UPPER.lower@${domain}`, `${"l".repeat(200)}@${domain}`];
  const foreign = [`jürgen@bücher.${domain}`, `用户@例え.${domain}`, `x@xn--bcher-kva.${domain}`];
  if (!angled) return pick([...plain, `x@xn--bcher-kva.${domain}`], random);
  return pick([...plain, ...foreign, ...(quoted[mta] ?? []).map((local) => `${local}@${domain}`)], random);
}

/** Quoted local parts, as hostile as each format can tell from its own marks. */
const quoted: Readonly<Record<string, readonly string[]>> = {
  postfix: [`"a b"`, `"a, b"`, `"a > b"`, `"x; from=y"`],
  exim: [`"a b"`, `"a, b"`],
  sendmail: [`"a b"`, `"a, b"`],
};

function anotherHost(random: () => number): string {
  const word = Math.floor(random() * 1e9).toString(36);
  return pick(
    [`h-${word}.example`, `${word}.mail.example.org`, `xn--${word}.example.net`, `mx1.${"w".repeat(60)}.example`],
    random,
  );
}

function anotherId(id: string, mta: string, random: () => number): string {
  const of = (alphabet: string, length: number): string =>
    Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)]).join("");
  const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  if (mta === "postfix" && /^[0-9A-Za-z]+$/.test(id)) {
    const short = of("0123456789ABCDEF", pick([6, 8, 10, 11, 12, 14], random));
    const long = `${of("BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxy", 1)}${of("0123456789BCDFGHJKLMNPQRSTVWXYbcdfghjklmnpqrstvwxy", 9)}z${of("0123456789BCDFGHbcdfgh", pick([2, 4, 8], random))}`;
    return pick([short, long], random);
  }
  if (mta === "exim" && /^\w{6}-/.test(id))
    return pick(
      [`${of(base62, 6)}-${of(base62, 6)}-${of(base62, 2)}`, `${of(base62, 6)}-${of(base62, 11)}-${of(base62, 4)}`],
      random,
    );
  if (mta === "opensmtpd") return of("0123456789abcdef", id.length);
  if (mta === "sendmail" && /^[0-9A-Za-z]{8}\d+$/.test(id))
    return of(base62, 8) + of("123456789", pick([5, 6, 7], random));
  return id.replace(/[0-9]/g, () => of("0123456789", 1));
}

function pick<T>(all: readonly T[], random: () => number): T {
  const one = all[Math.floor(random() * all.length)];
  if (one === undefined) throw new Error("nothing to pick from");
  return one;
}
