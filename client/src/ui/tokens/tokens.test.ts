import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { deltaE2000, toLab } from "../colour-difference.ts";
import { contrast, parseHex, seenWith } from "../colour.ts";
import type { Deficiency, LinearRgb } from "../colour.ts";
import { meanings } from "../meaning.ts";

/** WCAG AA for text under 24 px. */
const readable = 4.5;
/** Colours this far apart (ΔE 2000) are told from each other at a glance, also when they are not side by side. */
const apart = 12;

const texts = ["text", "text-soft", "text-quiet", ...meanings];
const grounds = ["ground", "panel"];
const deficiencies: readonly Deficiency[] = ["protanopia", "deuteranopia", "tritanopia"];

describe.each(["dark", "light"])("the %s theme", (theme) => {
  const tokens = tokensOf(theme);

  test.each(texts.flatMap((text) => grounds.map((ground) => [text, ground] as const)))(
    "%s is readable on %s",
    (text, ground) => {
      expect(contrast(colour(tokens, text), colour(tokens, ground))).toBeGreaterThanOrEqual(readable);
    },
  );

  test("buttons, and what lies on a raised ground, are readable", () => {
    expect(contrast(colour(tokens, "on-button"), colour(tokens, "button"))).toBeGreaterThanOrEqual(readable);
    expect(contrast(colour(tokens, "text"), colour(tokens, "raised"))).toBeGreaterThanOrEqual(readable);
    expect(contrast(colour(tokens, "severe"), colour(tokens, "raised"))).toBeGreaterThanOrEqual(readable);
  });

  test.each(pairs())("%s and %s stay apart for every eye", (one, other) => {
    const [a, b] = [colour(tokens, one), colour(tokens, other)];
    expect(deltaE2000(toLab(a), toLab(b))).toBeGreaterThanOrEqual(apart);
    for (const eye of deficiencies) {
      expect(deltaE2000(toLab(seenWith(eye, a)), toLab(seenWith(eye, b))), eye).toBeGreaterThanOrEqual(apart);
    }
  });
});

test("both themes name the same tokens", () => {
  expect([...tokensOf("light").keys()].toSorted()).toEqual([...tokensOf("dark").keys()].toSorted());
});

function tokensOf(theme: string): ReadonlyMap<string, string> {
  const css = readFileSync(new URL(`./${theme}.css`, import.meta.url), "utf8");
  return new Map(
    [...css.matchAll(/--([a-z-]+):\s*(#[0-9a-f]{6});/g)].map(([, name = "", value = ""]) => [name, value]),
  );
}

function colour(tokens: ReadonlyMap<string, string>, name: string): LinearRgb {
  return parseHex(tokens.get(name) ?? "");
}

function pairs(): readonly (readonly [string, string])[] {
  return meanings.flatMap((one, index) => meanings.slice(index + 1).map((other) => [one, other] as const));
}
