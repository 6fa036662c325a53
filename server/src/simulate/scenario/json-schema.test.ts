import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { parseScenario } from "./read.ts";
import { scenarioSchema } from "./schema.ts";

const folder = fileURLToPath(new URL("../../../../shared/schema/", import.meta.url));
const golden = readFileSync(`${folder}scenario.golden.yaml`, "utf8");

/** Written anew by `npx vitest -u`. */
test("the published schema is the language that is read", async () => {
  const schema = { title: "Mailtide scenario", ...z.toJSONSchema(scenarioSchema, { io: "input" }) };
  await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot(`${folder}scenario.schema.json`);
});

test("the golden document is valid by the published schema and by the reader, and has all there is", () => {
  const published = z.fromJSONSchema(JSON.parse(readFileSync(`${folder}scenario.schema.json`, "utf8")));
  const document: unknown = parse(golden);
  expect(published.safeParse(document)).toMatchObject({ success: true });
  expect(published.safeParse({ ...(document as object), answer: "spoof-flood" })).toMatchObject({ success: false });

  const { platform, arrivals, population } = parseScenario(golden, "scenario.golden.yaml");
  expect(document).toMatchObject({ platform, arrivals, population });
});
