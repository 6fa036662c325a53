/**
 * The /24 of an IPv4 address or the /64 of an IPv6 address, in CIDR notation, for example `192.0.2.0/24` and
 * `2001:db8:1:2::/64`. An IPv4-mapped address (`::ffff:192.0.2.1`, RFC 4291 2.5.5.2) counts as the IPv4 address that it
 * carries. Addresses are expected in RFC 5952 form; what is not an address comes back as it is.
 */
export function networkOf(ip: string): string {
  const plain = unmapped(ip);
  if (!plain.includes(":")) {
    const dot = plain.lastIndexOf(".");
    return dot < 0 ? plain : `${plain.slice(0, dot)}.0/24`;
  }
  const groups = expand(plain);
  if (groups === null) return ip;
  return `${compress(groups.slice(0, 4))}/64`;
}

/** `::ffff:192.0.2.1` and `::ffff:c000:201` are 192.0.2.1; others stay as they are. */
export function unmapped(ip: string): string {
  // Nearly every call ends here.
  if (!ip.startsWith("::") && !ip.startsWith("0")) return ip;
  if (!ip.includes(":")) return ip;
  const groups = expand(ip);
  if (groups === null || groups[5] !== 0xffff || groups.slice(0, 5).some((group) => group !== 0)) return ip;
  const high = groups[6] ?? 0;
  const low = groups[7] ?? 0;
  return `${high >> 8}.${high & 0xff}.${low >> 8}.${low & 0xff}`;
}

/** Eight numbers, or null when it is not an IPv6 address. A zone (`%eth0`) is left out. */
export function expand(ip: string): number[] | null {
  const percent = ip.indexOf("%");
  const halves = (percent < 0 ? ip : ip.slice(0, percent)).split("::");
  if (halves.length > 2) return null;
  const head = groupsOf(halves[0] ?? "");
  const tail = groupsOf(halves[1] ?? "");
  if (head === null || tail === null) return null;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return null;
  return [...head, ...Array.from({ length: missing }, () => 0), ...tail];
}

function groupsOf(text: string): number[] | null {
  if (text === "") return [];
  const groups: number[] = [];
  for (const part of text.split(":")) {
    const dotted = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/u.exec(part);
    if (dotted !== null) {
      const [a = 0, b = 0, c = 0, d = 0] = dotted.slice(1).map(Number);
      if (Math.max(a, b, c, d) > 255) return null;
      groups.push((a << 8) | b, (c << 8) | d);
    } else if (/^[0-9a-f]{1,4}$/iu.test(part)) groups.push(Number.parseInt(part, 16));
    else return null;
  }
  return groups;
}

/** The first four groups with zeros behind them: RFC 5952 shortens the longest run of zeros, the first of equals. */
export function compress(groups: readonly number[]): string {
  let used = 4;
  while (used > 0 && groups[used - 1] === 0) used -= 1;
  // Behind the prefix stand four zeros at least, so that the run at the end is never shorter than one inside.
  return `${groups
    .slice(0, used)
    .map((group) => group.toString(16))
    .join(":")}::`;
}
