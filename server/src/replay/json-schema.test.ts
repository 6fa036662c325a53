import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { captureSchema, readCaptureDocument } from "./document.ts";
import { reportSchema } from "./report/schema.ts";

const folder = fileURLToPath(new URL("../../../shared/schema/", import.meta.url));
const textOf = (name: string): string => readFileSync(`${folder}${name}`, "utf8");
const published = (name: string) => z.fromJSONSchema(JSON.parse(textOf(name)));

/** Written anew by `npx vitest -u`. */
test.each([
  ["Mailtide capture", "capture.schema.json", captureSchema],
  ["Mailtide replay report", "report.schema.json", reportSchema],
])("the published schema of a %s is what is read and written", async (title, name, schema) => {
  const document = { title, ...z.toJSONSchema(schema, { io: "input" }) };
  await expect(`${JSON.stringify(document, null, 2)}\n`).toMatchFileSnapshot(`${folder}${name}`);
});

test("the golden capture is valid by the published schema and by the reader, and has all there is", async () => {
  const document = parse(textOf("capture.golden.yaml")) as object;
  const schema = published("capture.schema.json");
  expect(schema.safeParse(document)).toMatchObject({ success: true });
  expect(schema.safeParse({ ...document, nodes: [] })).toMatchObject({ success: true });
  expect(schema.safeParse({ ...document, nodes: undefined })).toMatchObject({ success: false });
  expect(schema.safeParse({ ...document, stranger: "is ignored" })).toMatchObject({ success: true });
  expect(Object.keys(document).sort()).toEqual(Object.keys(captureSchema.shape).sort());

  const { nodes: [first, ...others] = [], ...rest } = document as { nodes?: unknown[] };
  expect(await readCaptureDocument(`${folder}capture.golden.yaml`)).toEqual({
    ...rest,
    nodes: [{ id: first }, ...others],
  });
});

test("the golden report is valid by the published schema, and has all there is", () => {
  const document = JSON.parse(textOf("report.golden.json")) as { delay: object[]; alerts: object[] };
  const schema = published("report.schema.json");
  expect(schema.safeParse(document)).toMatchObject({ success: true });
  expect(reportSchema.parse(document)).toEqual(document);
  expect(schema.safeParse({ ...document, delay: [{ ...document.delay[0], recovery: "soon" }] })).toMatchObject({
    success: false,
  });
  const { delay, alerts } = reportSchema.shape;
  expect(Object.keys(document.delay[1] ?? {})).toEqual(Object.keys(delay.element.shape));
  expect(Object.keys(document.alerts[0] ?? {})).toEqual(Object.keys(alerts.element.shape));
});
