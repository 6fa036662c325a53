import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ruleDefaults } from "./index.ts";

const page = readFileSync(new URL("../../../../docs/alerts.md", import.meta.url), "utf8");

test.each(Object.entries(ruleDefaults))("docs/alerts.md states every threshold of %s as shipped", (rule, defaults) => {
  const row = page.split("\n").find((line) => line.startsWith(`| \`${rule}\` |`)) ?? "";
  const stated = Object.fromEntries(
    [...row.matchAll(/`(\w+)` ([\d.]+)(?=[, ])/g)].map(([, name, value]) => [name, Number(value)]),
  );
  expect(stated).toMatchObject(defaults);
});
