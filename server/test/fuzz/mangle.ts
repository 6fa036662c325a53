/** `usual` on every machine, so that a change is judged by what it changes; another where MAILTIDE_SEED states it. */
export function seedOr(usual: number): number {
  return Number(process.env["MAILTIDE_SEED"] ?? usual);
}

/** Numbers in 0 to 1 that are the same for the same seed (xorshift32, Marsaglia 2003). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4_294_967_296;
  };
}

/** What attackers and broken disks put into lines. */
const pieces = [
  "",
  ..." : [ ] < > ( ) = , \" ' \\ | @ / ; { } %".split(" "),
  " ",
  ": ",
  ", ",
  "\0",
  "\t",
  "\u001b[31m",
  "\u202e",
  "\u00a0",
  "\ufeff",
  "\ud800",
  "😀",
  "\r",
  "ÿ",
  ...`NOQUEUE from=<> to=<a@b> status=sent [::ffff:192.0.2.7] [192.0.2.999] -1 1e999 NaN Infinity 0x10 00:00:61 <= => ** ==`.split(
    " ",
  ),
  "__proto__",
  "(250 2.0.0 Ok: queued as 4A)",
  "Feb 30",
  "9".repeat(400),
  "x".repeat(5_000),
  "a@".repeat(2_000),
  "((((".repeat(1_000),
  "<".repeat(3_000),
  " =".repeat(2_000),
];

/** One of the texts, changed at one to four places: cut, doubled, swapped with another, or with something hostile put in. */
export function mangle(texts: readonly string[], random: () => number): string {
  const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(random() * from.length)];
  let text = pick(texts) ?? "";
  for (let times = 1 + Math.floor(random() * 4); times > 0; times -= 1) {
    const at = Math.floor(random() * (text.length + 1));
    const end = Math.min(text.length, at + Math.floor(random() ** 2 * 80));
    const kind = random();
    if (kind < 0.3) text = text.slice(0, at) + (pick(pieces) ?? "") + text.slice(end);
    else if (kind < 0.5) text = text.slice(0, at) + text.slice(end);
    else if (kind < 0.65) text = text.slice(0, end) + text.slice(at);
    else if (kind < 0.8) text = text.slice(0, at) + (pick(texts) ?? "").slice(at);
    else if (kind < 0.9) text = text.slice(0, at);
    else text = text.slice(0, at) + String.fromCharCode(Math.floor(random() * 0x3000)) + text.slice(at + 1);
  }
  return text;
}
