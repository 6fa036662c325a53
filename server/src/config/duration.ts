import { z } from "zod";

const unitSeconds: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const unitBytes: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** `10s`, `5m`, `2h`, `7d` -> seconds; undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|w)$/.exec(text.trim());
  const factor = unitSeconds[match?.[2] ?? ""];
  return match === null || factor === undefined ? undefined : Number(match[1]) * factor;
}

/** `64MiB` -> bytes; undefined when it is none. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(B|KiB|MiB|GiB)$/.exec(text.trim());
  const factor = unitBytes[match?.[2] ?? ""];
  return match === null || factor === undefined ? undefined : Math.round(Number(match[1]) * factor);
}

/** A duration in the configuration, written with its unit; comes out in seconds. */
export const duration = z
  .string({ error: withoutUnit("a duration such as 10s, 5m or 2h") })
  .transform((text, context) => {
    const seconds = parseDuration(text);
    if (seconds !== undefined) return seconds;
    context.addIssue({ code: "custom", message: `"${text}" is not a duration such as 10s, 5m or 2h` });
    return z.NEVER;
  });

/** A size in the configuration, written with its unit; comes out in bytes. */
export const size = z.string({ error: withoutUnit("a size such as 64MiB or 2GiB") }).transform((text, context) => {
  const bytes = parseSize(text);
  if (bytes !== undefined) return bytes;
  context.addIssue({ code: "custom", message: `"${text}" is not a size such as 64MiB or 2GiB` });
  return z.NEVER;
});

/** A number alone says nothing: neither seconds nor bytes are assumed. */
function withoutUnit(wanted: string) {
  return ({ input }: { readonly input: unknown }): string | undefined =>
    typeof input === "number" ? `${input} has no unit: write ${wanted}` : undefined;
}
