import { z } from "zod";
import { readyMadeNames, readyMade } from "./ready-made.ts";
import { type MappingRow, meanings } from "./row.ts";

const name = z.string().regex(/^[\w:.-]{1,200}$/, "a metric is named by letters, digits, _ : . -");
const row = z
  .strictObject({
    metric: name,
    labels: z.record(z.string(), z.string()).optional(),
    as: z.enum(meanings),
    queue: z.string().min(1).max(64).optional(),
    minus: name.optional(),
    atLeast: z.boolean().optional(),
  })
  .refine(
    ({ as, queue }) => queue !== undefined || !["count", "bytes", "age", "ages"].includes(as),
    'says of which queue: a name, or "{LABEL}" for the value of a label',
  );

/** `mapping` of a collector: names of ready-made ones and rows of one's own. */
export const mappingConfig = z.preprocess(
  (given) => (typeof given === "string" ? [given] : given),
  z
    .array(z.union([z.enum(readyMadeNames), row]))
    .min(1)
    .max(100),
);
export type MappingConfig = z.infer<typeof mappingConfig>;

export const rowsOf = (mapping: MappingConfig): readonly MappingRow[] =>
  mapping.flatMap((each) => (typeof each === "string" ? readyMade[each] : [each]));

/** What names a collector that states no name: the first ready-made mapping. */
export const nameOf = (mapping: MappingConfig): string | undefined => mapping.find((each) => typeof each === "string");
