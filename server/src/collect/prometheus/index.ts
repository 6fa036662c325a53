import { collectorId, type CollectorId, type NodeId, type Seconds } from "@mailtide/shared";
import { z } from "zod";
import { duration } from "../../config/duration.ts";
import { type Secret, secret } from "../../config/secret.ts";
import type { CountsObservation } from "../../core/observation.ts";
import { hostPortOf } from "../../core/text/host-port.ts";
import type { Batch, CollectorContext, PollCollector } from "../collector.ts";
import { type MappingConfig, mappingConfig, nameOf, rowsOf } from "../counts/mapping.ts";
import { Rate } from "../counts/rates.ts";
import { type Reading, ReadingBuilder } from "../counts/reading.ts";
import type { Sample } from "../counts/sample.ts";
import { createSlicer } from "../../loop/slice.ts";
import type { NodePlugin } from "../plugin.ts";
import { readExposition } from "./exposition.ts";
import { type Scraped, scrape, type ScrapeTarget } from "./fetch.ts";
import { readJsonMetrics } from "./json.ts";

const auth = z.union([
  z.strictObject({ bearer: secret }),
  z.strictObject({ username: z.string(), password: secret }),
  z.strictObject({ header: z.string().regex(/^[A-Za-z][A-Za-z0-9-]*$/), value: secret }),
]);

const config = z
  .strictObject({
    url: z
      .url({ protocol: /^https?$/, error: "an address that begins with http:// or https://" })
      .refine((text) => new URL(text).password === "", "an address must not hold a password: use auth"),
    every: duration.default(15),
    deadline: duration.default(5),
    mapping: mappingConfig,
    /** Tells several on one node apart. Default: the first ready-made mapping, or "prometheus". */
    name: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,40}$/)
      .refine((name) => !name.endsWith("-log"), "must not end with -log: it is no log")
      .optional(),
    auth: auth.optional(),
    ca: z.string().min(1).optional(),
    /** Default: where the node has no log. */
    required: z.boolean().optional(),
  })
  .refine(({ url, ca }) => ca === undefined || url.startsWith("https:"), {
    path: ["ca"],
    message: "is of an https address: http has no certificate",
  });

/** Asks an exporter, as Prometheus does, and makes counts of queues of what it says. */
export const prometheus: NodePlugin<"prometheus", typeof config> = {
  type: "prometheus",
  config,
  idOf: nameOfScrape,
  create: ({ url, every, deadline, mapping, name, auth: with_, ca, required }, { id, hasLog }) =>
    createScrapeCollector({
      id: collectorId(`${id}/${nameOfScrape({ name, mapping })}`),
      node: id,
      everySeconds: every,
      deadlineSeconds: deadline,
      required: required ?? hasLog !== true,
      mapping,
      target: { url, ca, headers: with_ === undefined ? {} : headersOf(with_) },
    }),
};

function nameOfScrape({ name, mapping }: Pick<z.infer<typeof config>, "name" | "mapping">): string {
  return name ?? nameOf(mapping) ?? "prometheus";
}

interface ScrapeOptions {
  readonly id: CollectorId;
  readonly node: NodeId;
  readonly everySeconds: Seconds;
  readonly deadlineSeconds: Seconds;
  readonly required: boolean;
  readonly mapping: MappingConfig;
  readonly target: ScrapeTarget;
}

function createScrapeCollector(options: ScrapeOptions): PollCollector {
  const { id, node, everySeconds, deadlineSeconds, required, target } = options;
  const rows = rowsOf(options.mapping);
  const [arrived, left] = [new Rate(), new Rate()];
  const limitSeconds = Math.max(60, 3 * everySeconds + deadlineSeconds);
  let context: CollectorContext | undefined;

  const where = hostPortOf(new URL(target.url));
  /** A failure names whom it asked. */
  async function said(ask: () => Promise<Reading>): Promise<Reading> {
    try {
      return await ask();
    } catch (error) {
      throw new Error(`${where}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }

  /** As of when it was asked: what the other side says of the time is not believed. */
  async function poll(signal: AbortSignal): Promise<Batch> {
    const atMs = context?.now() ?? 0;
    const reading = await said(async () => read(await scrape(target, signal), new ReadingBuilder(rows)));
    const perSecond = { arrived: arrived.next(reading.arrived, atMs), left: left.next(reading.left, atMs) };
    const counts: CountsObservation = {
      kind: "counts",
      node,
      atMs,
      by: id,
      queues: reading.queues,
      whole: true,
      validSeconds: limitSeconds,
      ...(perSecond.arrived === undefined ? {} : { arrivedPerSecond: perSecond.arrived }),
      ...(perSecond.left === undefined ? {} : { leftPerSecond: perSecond.left }),
    };
    return { observations: [counts] };
  }

  return {
    kind: "poll",
    id,
    node,
    required,
    everySeconds,
    // Room to say that the deadline has passed.
    deadlineSeconds,
    limitSeconds,
    start(given) {
      context = given;
      return Promise.resolve();
    },
    stop: () => Promise.resolve(),
    poll,
  };
}

/** Throws in words when nothing was found, or when whoever counts says that it could not look. */
async function read({ contentType, text }: Scraped, builder: ReadingBuilder): Promise<Reading> {
  const slice = createSlicer();
  for (const sample of samplesOf(contentType, text, builder)) {
    if (sample !== null) builder.add(sample);
    const pause = slice();
    if (pause !== undefined) await pause;
  }
  const reading = builder.finish();
  if (reading.down !== null) throw new Error(`says itself that it cannot look: ${reading.down} is 0`);
  if (reading.matched === 0)
    throw new Error("answers, but has none of the metrics of this mapping: is it the right address and mapping?");
  return reading;
}

function samplesOf(contentType: string, text: string, builder: ReadingBuilder): Iterable<Sample | null> {
  const wants = (metric: string): boolean => builder.wants(metric);
  if (!/json/i.test(contentType) && !/^\s*\{/.test(text))
    return readExposition(text, { wants, isOpenMetrics: contentType.startsWith("application/openmetrics-text") });
  return readJsonMetrics(JSON.parse(text), wants);
}

type Auth =
  | { readonly bearer: Secret }
  | { readonly username: string; readonly password: Secret }
  | { readonly header: string; readonly value: Secret };

function headersOf(given: Auth): Record<string, string> {
  if ("bearer" in given) return { authorization: `Bearer ${given.bearer.reveal()}` };
  if ("header" in given) return { [given.header]: given.value.reveal() };
  const pair = Buffer.from(`${given.username}:${given.password.reveal()}`).toString("base64");
  return { authorization: `Basic ${pair}` };
}
