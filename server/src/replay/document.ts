import { readFile } from "node:fs/promises";
import { dependencyTypes } from "@mailtide/shared";
import { isMap, LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import { backoffGrowths } from "../core/backoff.ts";
import { isZone } from "./zone.ts";

const zone = z.string().refine(isZone, "is not an IANA time zone");
/** An id becomes a folder's name. */
const node = z
  .string()
  .regex(/^[\w][\w.-]{0,127}$/, "must be a plain name of letters, digits, dots, dashes and underscores");
const text = z.string().max(1000);

const seconds = z.number().nonnegative();
/** Written by `mailtide capture`: what the recorded server was set to do. */
const recordingSchema = z.object({
  reportFrom: z.iso.datetime(),
  assumptions: z.array(text).default([]),
  site: z.object({ id: text, name: text, timezone: zone, locale: text }),
  targetSeconds: seconds,
  resolveAfterSeconds: seconds,
  rules: z.record(z.string(), z.record(z.string(), z.number())).default({}),
  installId: text,
  probes: z.array(text).max(1000).default([]),
  backoff: z.record(
    z.string(),
    z.object({
      minimalSeconds: seconds,
      maximalSeconds: seconds,
      queueRunDelaySeconds: seconds,
      growth: z.enum(backoffGrowths).optional(),
      isExact: z.boolean().optional(),
    }),
  ),
  collectors: z.array(z.object({ id: text, node: text.nullable(), required: z.boolean(), limitSeconds: seconds })),
});

/** `capture.yaml`. Keys that are not listed are allowed and ignored. */
export const captureSchema = z.object({
  version: z.literal(1, "must be 1"),
  name: text,
  timezone: zone,
  year: z.int().min(1970).max(2200),
  simulated: z.boolean(),
  from: z.iso.datetime().optional(),
  to: z.iso.datetime().optional(),
  nodes: z
    .array(
      z.union([
        node.transform((id) => ({ id })),
        z.object({
          id: node,
          site: text.optional(),
          mta: text.optional(),
          timezone: zone.optional(),
          ownHops: z.array(text).optional(),
          ownDomains: z.array(text).optional(),
        }),
      ]),
    )
    .min(1)
    .max(1000),
  businessHours: z.unknown().optional(),
  holidays: z.unknown().optional(),
  recording: recordingSchema.optional(),
  dependencies: z
    .array(
      z.object({
        id: text,
        type: z.enum(dependencyTypes, `must be one of ${dependencyTypes.join(" ")}`),
        affects: z.array(text),
      }),
    )
    .optional(),
});
export type CaptureDocument = z.infer<typeof captureSchema>;

/** Reads and checks `capture.yaml`; throws an Error that names file, line and key. Null when there is no such file. */
export async function readCaptureDocument(path: string): Promise<CaptureDocument | null> {
  const source = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw new Error(`${path}: cannot be read: ${error.message}`, { cause: error });
  });
  if (source === null) return null;

  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines });
  const broken = document.errors[0];
  if (broken !== undefined) {
    throw new Error(`${path}:${lines.linePos(broken.pos[0]).line}: ${broken.message.split("\n")[0] ?? ""}`, {
      cause: broken,
    });
  }
  const result = captureSchema.safeParse(document.toJS({ maxAliasCount: 100 }));
  if (result.success) return checked(path, result.data);

  const issue = innermost(result.error.issues[0]);
  const line = lines.linePos(offsetOf(document, issue.path)).line;
  throw new Error(`${path}:${line}: ${issue.path.join(".") || "the document"}: ${issue.message}`);
}

function checked(path: string, document: CaptureDocument): CaptureDocument {
  const known = new Set(document.nodes.map(({ id }) => id));
  if (known.size < document.nodes.length) throw new Error(`${path}: nodes: an id stands there twice`);
  for (const { id, affects } of document.dependencies ?? []) {
    const stranger = affects.find((name) => !known.has(name));
    if (stranger !== undefined)
      throw new Error(`${path}: dependencies: "${id}" affects "${stranger}", which is not among the nodes`);
  }
  return document;
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** A union only says that nothing fits; the branch that came furthest says why. */
function innermost(issue: z.core.$ZodIssue | undefined): Issue {
  if (issue === undefined) return { path: [], message: "is not a capture" };
  if (issue.code !== "invalid_union") return issue;
  const deepest = issue.errors.flat().sort((a, b) => b.path.length - a.path.length)[0];
  if (deepest === undefined) return issue;
  const inner = innermost(deepest);
  return { path: [...issue.path, ...inner.path], message: inner.message };
}

/** Where the key stands, or the nearest one above it that exists. */
function offsetOf(document: ReturnType<typeof parseDocument>, path: readonly PropertyKey[]): number {
  for (let depth = path.length; depth > 0; depth--) {
    const parent = depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true);
    const key = path[depth - 1];
    if (isMap(parent)) {
      const pair = parent.items.find((item) => String(item.key) === key);
      const range = (pair?.key as { range?: readonly number[] } | undefined)?.range;
      if (range?.[0] !== undefined) return range[0];
    }
    const value = document.getIn(path.slice(0, depth), true) as { range?: readonly number[] } | undefined;
    if (value?.range?.[0] !== undefined) return value.range[0];
  }
  return 0;
}
