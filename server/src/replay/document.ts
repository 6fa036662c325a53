import { readFile } from "node:fs/promises";
import { dependencyTypes } from "@mailtide/shared";
import { z } from "zod";
import { meant } from "../config/complaints.ts";
import { ConfigError } from "../config/error.ts";
import { unreadable } from "../config/unreadable.ts";
import { parseYaml, type YamlDocument } from "../config/yaml.ts";
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
    throw new Error(`${path}: ${unreadable(error)}`, { cause: error });
  });
  if (source === null) return null;
  try {
    const document = parseYaml(source, path, captureSchema);
    const problems = problemsOf(document);
    if (problems.length > 0) throw new ConfigError(problems);
    return document.value;
  } catch (error) {
    // A recording is no configuration: that it cannot be played is a failure, not wrong usage.
    throw error instanceof ConfigError ? new Error(error.message, { cause: error }) : error;
  }
}

/** What the schema cannot say. */
function problemsOf({ value: { nodes, dependencies = [] }, problem }: YamlDocument<CaptureDocument>): string[] {
  const ids = nodes.map(({ id }) => id);
  const twin = ids.findIndex((id, index) => ids.indexOf(id) < index);
  const twins = twin === -1 ? [] : [problem(["nodes", twin], `"${ids[twin]}" stands there twice`)];
  const strangers = dependencies.flatMap(({ affects }, at) =>
    affects.flatMap((name, index) =>
      ids.includes(name)
        ? []
        : [problem(["dependencies", at, "affects", index], `"${name}" is none of the nodes${meant(name, ids)}`)],
    ),
  );
  return [...twins, ...strangers];
}
