import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { nodeId } from "@mailtide/shared";
import { expect, test } from "vitest";
import { z } from "zod";
import { compileHops } from "../core/model/hops.ts";
import { parseSchema, queueSchema } from "./document-schemas.ts";
import { readableMtas } from "./readable.ts";
import { lineParser } from "./readers.ts";
import { listingFormats } from "./listings.ts";
import { queueDocument } from "./queue/document.ts";
import { SnapshotBuilder } from "./queue/snapshot.ts";

const folder = join(import.meta.dirname, "../../../shared/schema");
const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), "utf8"));
const nowMs = Date.parse("2026-11-23T12:00:00Z");

/** Written anew by `npx vitest -u`. */
test.each([
  ["Mailtide parse", "parse", parseSchema],
  ["Mailtide queue", "queue", queueSchema],
])(
  "the published schema of %s is what is written, and its golden document has all there is",
  async (title, name, schema) => {
    const document = { title, ...z.toJSONSchema(schema, { io: "input" }) };
    await expect(`${JSON.stringify(document, null, 2)}\n`).toMatchFileSnapshot(join(folder, `${name}.schema.json`));
    const golden = read(`${name}.golden.json`) as object;
    const published = z.fromJSONSchema(read(`${name}.schema.json`) as z.core.JSONSchema.JSONSchema);
    expect(published.safeParse(golden)).toMatchObject({ success: true });
    expect(published.safeParse({ ...golden, stranger: "is ignored" })).toMatchObject({ success: true });
    expect(Object.keys(golden).sort()).toEqual(Object.keys(schema.shape).sort());
  },
);

test.each(readableMtas)("all that is printed of a line of %s stands in the schema", (mta) => {
  const strict = parseSchema.strict();
  const cases = join(import.meta.dirname, "mta", mta, "testcases");
  let lines = 0;
  for (const name of readdirSync(cases)) {
    const parse = lineParser(mta, { zone: "UTC", year: 2026 });
    for (const line of readFileSync(join(cases, name, "input"), "utf8")
      .split("\n")
      .slice(0, -1)) {
      const printed: unknown = JSON.parse(JSON.stringify(parse?.(line)));
      expect(strict.safeParse(printed).error?.issues ?? [], line).toEqual([]);
      lines += 1;
    }
  }
  expect(lines).toBeGreaterThan(5);
});

test.each(listingFormats)("all that is printed of a listing of $mta, $name, stands in the schema", (format) => {
  const listings = join(import.meta.dirname, "mta", format.mta, "listings");
  for (const name of existsSync(listings) ? readdirSync(listings) : []) {
    const text = readFileSync(join(listings, name, "listing"), "utf8");
    if (!format.detects(text)) continue;
    const snapshot = new SnapshotBuilder({ mta: format.mta, atMs: nowMs, hops: compileHops(), tellsReasons: true });
    const reader = format.read({ nowMs, zone: "UTC" }, (entry) => snapshot.add(entry));
    for (const piece of text.split(format.name === "showq" ? "\0" : "\n").slice(0, -1)) reader.piece(piece);
    reader.end();
    const printed: unknown = JSON.parse(JSON.stringify(queueDocument(snapshot.finish(), nodeId("mx1"))));
    expect(queueSchema.strict().safeParse(printed).error?.issues ?? [], name).toEqual([]);
  }
});
