import { dependencyId, nodeId, scopes, severities, siteId } from "@mailtide/shared";
import { IANAZone } from "luxon";
import { z } from "zod";
import { dependencyPlugins, nodePlugins } from "../collect/index.ts";
import { addressList } from "../collect/syslog-in/addresses.ts";
import { syslogConfig } from "../collect/syslog-in/config.ts";
import { backoffGrowths } from "../core/backoff.ts";
import { ruleDefaults } from "../core/detect/index.ts";
import { notifierKinds } from "../notify/index.ts";
import { meant } from "./complaints.ts";
import { duration, size } from "./duration.ts";
import { ownDomain, ownHop } from "./own.ts";
import { secret } from "./secret.ts";

const identifier = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, "an id is 1 to 63 letters, digits, dots, dashes or underscores");
const zone = z.string().refine((name) => IANAZone.isValidZone(name), "not an IANA time zone such as Europe/Berlin");
/** What every browser of a screen must know: one that it does not would leave the screen blank. */
const locale = z.string().refine(isLocale, "not a language tag such as en or de-AT");

function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}

const site = z.strictObject({
  id: identifier.transform(siteId).default(siteId("main")),
  name: z.string().min(1).max(80).default("Mail"),
  timezone: zone.default("UTC"),
  locale: locale.default("en"),
});

const server = z.strictObject({
  host: z.string().min(1).default("127.0.0.1"),
  port: z.int().min(0).max(65_535).default(4000),
  publicUrl: z.url({ protocol: /^https?$/ }).optional(),
  tls: z.strictObject({ cert: z.string().min(1), key: z.string().min(1) }).optional(),
  /** Addresses or prefixes of the proxies in front that end TLS. */
  trustProxy: addressList.optional(),
  state: z.string().min(1).optional(),
});

const auth = z.strictObject({
  tokens: z
    .array(
      z.strictObject({
        name: identifier,
        secret,
        scopes: z.array(z.enum(scopes)).min(1),
        /** An agent's: the node that it collects for. */
        node: identifier.transform(nodeId).optional(),
      }),
    )
    .default([]),
  proxyHeader: z
    .strictObject({ header: z.string(), trustedProxies: addressList, scopes: z.array(z.enum(scopes)) })
    .optional(),
});

const node = z.strictObject({
  id: identifier.transform(nodeId),
  ownDomains: z.array(ownDomain).default([]),
  ownHops: z.array(ownHop).optional(),
  timezone: zone.optional(),
  /** Default: as the MTA of the node is shipped. */
  backoff: z
    .strictObject({
      minimal: duration.optional(),
      maximal: duration.optional(),
      queueRunDelay: duration.optional(),
      growth: z.enum(backoffGrowths).optional(),
    })
    .prefault({}),
  collect: z.array(unionOf(nodePlugins, {})).default([]),
});

const dependencyKeys = { id: identifier.transform(dependencyId), affects: z.array(z.string()).default([]) };

const influx = z.strictObject({
  type: z.literal("influx"),
  url: z.url({ protocol: /^https?$/ }),
  database: identifier.default("mailtide"),
  username: z.string().optional(),
  password: secret.optional(),
});
const embedded = z.strictObject({ type: z.literal("embedded") });

const store = z.strictObject({
  series: z.discriminatedUnion("type", [embedded, influx]).prefault({ type: "embedded" }),
  retention: z.strictObject({ "10s": duration.default(7 * 86_400), "1m": duration.default(90 * 86_400) }).prefault({}),
  /** What may wait on disk while the series store is away. */
  spool: size.default(256 * 1024 ** 2),
});

const capture = z.strictObject({
  /** Personal data: 72 hours at most. */
  keep: duration
    .prefault("24h")
    .refine((seconds) => seconds <= 72 * 3600, "at most 72h: recordings hold personal data"),
  max: size.default(1024 ** 3),
});

const index = z.strictObject({
  /** Personal data: 7 days at most. */
  keep: duration
    .prefault("72h")
    .refine((seconds) => seconds <= 7 * 86_400, "at most 7d: the message index holds personal data"),
  max: size.default(1024 ** 3),
});

/** Of `mailtide agent`. */
const agent = z.strictObject({
  server: z
    .url({ protocol: /^https?$/ })
    .refine(
      (url) => url.startsWith("https:") || /^http:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\])([:/]|$)/.test(url),
      "beyond this host it must be https: the token and everybody's addresses would travel in clear",
    ),
  token: secret,
  /** A file of certificates that sign the server's, where the system does not know them. */
  ca: z.string().min(1).optional(),
  spool: z
    .strictObject({
      path: z.string().min(1).default("/var/lib/mailtide/spool"),
      max: size.prefault("256MiB").refine((bytes) => bytes >= 16 << 20, "at least 16MiB"),
    })
    .prefault({}),
});

const delay = z.strictObject({ target: duration.default(300) });

/** Who writes 5 and means per cent would never hear of that rule again. */
const share = z.number().refine((value) => value >= 0 && value <= 1, "a share is a number from 0 to 1: 5 % is 0.05");

const alerts = z.strictObject({
  resolveAfter: duration.default(600),
  rules: z.strictObject(mapValues(ruleDefaults, (defaults) => thresholds(defaults).optional())).prefault({}),
});

function thresholds(defaults: object): z.ZodObject {
  return z.strictObject(mapValues(defaults, (_, key) => (/share$/i.test(key) ? share : z.number().min(0)).optional()));
}

function mapValues<In, Out>(
  from: Readonly<Record<string, In>> | object,
  to: (value: In, key: string) => Out,
): Record<string, Out> {
  return Object.fromEntries(Object.entries(from).map(([key, value]) => [key, to(value as In, key)]));
}

export const configSchema = z
  .strictObject({
    version: z.literal(1, { error: 'must be 1: the file begins with "version: 1"' }),
    site: site.prefault({}),
    server: server.prefault({}),
    auth: auth.prefault({}),
    nodes: z.array(node).default([]),
    syslog: syslogConfig.optional(),
    dependencies: z.array(unionOf(dependencyPlugins, dependencyKeys)).default([]),
    store: store.prefault({}),
    capture: capture.prefault({}),
    index: index.prefault({}),
    agent: agent.optional(),
    delay: delay.prefault({}),
    alerts: alerts.prefault({}),
    notify: z
      .array(
        unionOf(notifierKinds, { id: identifier, severities: z.array(z.enum(severities)).min(1).default(["page"]) }),
      )
      .default([]),
  })
  .superRefine((config, context) => {
    unique(config.nodes, "nodes", context);
    unique(config.dependencies, "dependencies", context);
    unique(config.notify, "notify", context);
    const known = config.nodes.map((each) => String(each.id));
    for (const [index, { node: of }] of config.auth.tokens.entries()) {
      const collectors = config.nodes.find(({ id }) => id === of)?.collect ?? [];
      if (of === undefined || collectors.some(({ type }) => type === "agent" || type === "influx-write")) continue;
      const message = `no node has the id "${of}" and collects by { type: agent } or { type: influx-write }`;
      context.addIssue({ code: "custom", path: ["auth", "tokens", index, "node"], message });
    }
    for (const [index, dependency] of config.dependencies.entries()) {
      for (const [at, affected] of dependency.affects.entries()) {
        if (known.includes(affected)) continue;
        const message = `no node has the id "${affected}"${meant(affected, known)}`;
        context.addIssue({ code: "custom", path: ["dependencies", index, "affects", at], message });
      }
    }
  });
export type Config = z.infer<typeof configSchema>;

interface Kind {
  readonly type: string;
  readonly config: z.ZodObject;
}
type Typed<K extends Kind, Extra extends z.ZodRawShape> = K extends Kind
  ? z.ZodObject<K["config"]["shape"] & Extra & { type: z.ZodLiteral<K["type"]> }, z.core.$strict>
  : never;

/** The configuration of a list of kinds: one strict object for each, told apart by `type`. */
function unionOf<const K extends readonly [Kind, ...Kind[]], Extra extends z.ZodRawShape>(
  kinds: K,
  extra: Extra,
): z.ZodDiscriminatedUnion<Typed<K[number], Extra>[]> {
  const options = kinds.map((kind) => kind.config.safeExtend({ ...extra, type: z.literal(kind.type) }));
  // The mapping from a tuple of kinds to the union of their objects is beyond what `map` can state.
  return z.discriminatedUnion("type", options as never) as never;
}

function unique(items: readonly { readonly id: string }[], key: string, context: z.RefinementCtx): void {
  const seen = new Set<string>();
  for (const [index, { id }] of items.entries()) {
    if (seen.has(id)) context.addIssue({ code: "custom", path: [key, index, "id"], message: `"${id}" is used twice` });
    seen.add(id);
  }
}
