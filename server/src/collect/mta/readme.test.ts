import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseConfig } from "../../config/read.ts";
import { nodePlugins } from "../index.ts";

const folder = new URL(".", import.meta.url);
const mtas = readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
const headings = ["What it reads", "Configuration", "Permissions", "What it reports", "Example"];

test.each(mtas)("%s says what it reads, needs and reports, and against what that was verified", (mta) => {
  const path = new URL(`${mta}/README.md`, folder);
  expect(existsSync(path)).toBe(true);
  const text = readFileSync(path, "utf8");
  expect([...text.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)).toEqual(headings);
  expect(text).toMatch(/[Vv]erified against .*\d|From documentation: /);
  // Each kind of collector of the folder is described, and the example is a configuration.
  for (const { type } of nodePlugins)
    if (type === `${mta}-log` || type === `${mta}-queue`) expect(text).toContain(`**\`${type}\`**`);
  const example = /```yaml\n([^]*?)```/.exec(text)?.[1] ?? "";
  expect(parseConfig(`version: 1\n${example}`, path.pathname).nodes[0]?.collect.length).toBeGreaterThan(0);
});
