/** An IP address as its bytes: 4 or 16. IPv4-mapped IPv6 is IPv4, so that one host is one address. */
export type AddressBytes = readonly number[];

export interface Prefix {
  readonly bytes: AddressBytes;
  readonly bits: number;
}

const dot = 46;
const zero = 48;
const nine = 57;

/** RFC 4291 section 2.2 text forms, without zone. Null for what is no address. */
export function parseAddress(text: string): AddressBytes | null {
  if (text.length > 45) return null;
  return text.includes(":") ? parseV6(text) : parseV4(text);
}

/** `10.0.0.0/8`, `fd00::/8`, or a bare address (all bits). Null for what is neither. */
export function parsePrefix(text: string): Prefix | null {
  const slash = text.indexOf("/");
  const bytes = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (!bytes) return null;
  if (slash < 0) return { bytes, bits: bytes.length * 8 };
  const length = text.slice(slash + 1);
  if (!/^\d{1,3}$/.test(length) || Number(length) > bytes.length * 8) return null;
  return { bytes, bits: Number(length) };
}

export function inPrefix(address: AddressBytes, prefix: Prefix): boolean {
  if (address.length !== prefix.bytes.length) return false;
  const whole = prefix.bits >> 3;
  for (let i = 0; i < whole; i++) if (address[i] !== prefix.bytes[i]) return false;
  const rest = prefix.bits & 7;
  if (rest === 0) return true;
  const mask = (0xff << (8 - rest)) & 0xff;
  return ((address[whole] ?? 0) & mask) === ((prefix.bytes[whole] ?? 0) & mask);
}

/** An IPv4 address as one number of 32 bits; null for what is not plainly one. */
export function plainV4(text: string): number | null {
  let address = 0;
  let byte = 0;
  let digits = 0;
  let dots = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= zero && code <= nine && digits < 3) {
      byte = byte * 10 + code - zero;
      digits += 1;
    } else if (code === dot && digits > 0 && byte < 256 && dots < 3) {
      address = (address << 8) | byte;
      byte = digits = 0;
      dots += 1;
    } else return null;
  }
  return dots === 3 && digits > 0 && byte < 256 ? (address << 8) | byte : null;
}

/** IPv4 prefixes, to be asked for one address after the other. */
export function compileV4(prefixes: readonly Prefix[]): (address: number) => boolean {
  const ranges = prefixes.flatMap(({ bytes, bits }) => {
    const [a = 0, b = 0, c = 0, d = 0] = bytes;
    const mask = bits === 0 ? 0 : -1 << (32 - bits);
    return bytes.length === 4 ? [{ mask, base: ((a << 24) | (b << 16) | (c << 8) | d) & mask }] : [];
  });
  return (address) => {
    for (const { mask, base } of ranges) if ((address & mask) === base) return true;
    return false;
  };
}

/** Loopback, RFC 1918, RFC 6598, link-local, RFC 4193. */
export const privatePrefixes: readonly Prefix[] = [
  "127.0.0.0/8",
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "100.64.0.0/10",
  "169.254.0.0/16",
  "::1",
  "fc00::/7",
  "fe80::/10",
].flatMap((text) => parsePrefix(text) ?? []);

export function isPrivate(address: AddressBytes): boolean {
  return privatePrefixes.some((prefix) => inPrefix(address, prefix));
}

function parseV4(text: string): AddressBytes | null {
  const bytes: number[] = [];
  let [byte, digits] = [0, 0];
  for (let at = 0; at <= text.length; at++) {
    const code = at === text.length ? dot : text.charCodeAt(at);
    if (code >= zero && code <= nine && digits < 3) {
      byte = byte * 10 + code - zero;
      digits += 1;
    } else if (code === dot && digits > 0 && byte < 256) {
      bytes.push(byte);
      byte = digits = 0;
    } else return null;
  }
  return bytes.length === 4 ? bytes : null;
}

function parseV6(text: string): AddressBytes | null {
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const [head, tail] = [groups(halves[0] ?? ""), groups(halves[1] ?? "")];
  if (!head || !tail) return null;
  const missing = 16 - head.length - tail.length;
  if (halves.length === 2 ? missing < 2 : missing !== 0) return null;
  const bytes = [...head, ...Array.from({ length: missing }, () => 0), ...tail];
  const mapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
  return mapped ? bytes.slice(12) : bytes;
}

function groups(text: string): number[] | null {
  if (text === "") return [];
  const bytes: number[] = [];
  const parts = text.split(":");
  for (const [i, part] of parts.entries()) {
    const v4 = i === parts.length - 1 && part.includes(".") ? parseV4(part) : null;
    if (v4) bytes.push(...v4);
    else if (/^[0-9a-fA-F]{1,4}$/.test(part)) bytes.push(parseInt(part, 16) >> 8, parseInt(part, 16) & 0xff);
    else return null;
  }
  return bytes.length <= 16 ? bytes : null;
}
