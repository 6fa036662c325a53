import { nodePlugins } from "../collect/index.ts";
import { ruleDefaults } from "../core/detect/index.ts";
import type { Config } from "./schema.ts";
import type { YamlDocument } from "./yaml.ts";

export interface Problem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

type Stated = Pick<YamlDocument<Config>, "value" | "states">;

/** What is well formed and would do nothing: each is told, for nobody finds out else why it does not. */
export function ignoredIn(document: Stated): Problem[] {
  return [
    ...twinsOf(document.value),
    ...logsOf(document),
    ...sharedHosts(document.value),
    ...tokensOf(document.value),
    ...thresholdsOf(document.value),
    ...(document.value.agent === undefined ? [] : ofAgent(document)),
  ];
}

/** Collectors that would be one and the same: each would overwrite what the other says and where it stands. */
function twinsOf({ nodes }: Config): Problem[] {
  return nodes.flatMap(({ id, collect }, at) => {
    const ids = collect.map((options) => {
      const plugin = nodePlugins.find(({ type }) => type === options.type);
      return (plugin?.idOf as ((options: unknown) => string) | undefined)?.(options) ?? options.type;
    });
    return collect.flatMap(({ type }, index): Problem[] => {
      const first = ids.indexOf(ids[index] ?? type);
      if (first === index) return [];
      const apart =
        howApart[type] ?? `what is read of another ${type.replace(/-\w+$/, "")} belongs to a node of its own`;
      const message = `the node ${id} has a collector "${ids[index]}" already (collect[${first}]): ${apart}`;
      return [{ path: ["nodes", at, "collect", index], message }];
    });
  });
}

const howApart: Readonly<Record<string, string>> = {
  prometheus: 'give this one a "name" of its own',
  "postfix-queue": 'name another instance in its "command" ([postqueue, -c, /etc/postfix-out, -j])',
  "influx-write": "one takes the points of several hosts",
  agent: "a node has one agent",
};

function logsOf({ value: { nodes, syslog }, states }: Stated): Problem[] {
  const problems: Problem[] = [];
  let readsInput = false;
  for (const [at, { collect }] of nodes.entries())
    for (const [index, options] of collect.entries()) {
      const path = ["nodes", at, "collect", index];
      if ("syslog" in options && options.syslog !== undefined && syslog === undefined)
        problems.push({ path: [...path, "syslog"], message: 'the key "syslog" must say where to listen' });
      if ("stdin" in options && options.stdin === true) {
        if (readsInput)
          problems.push({ path: [...path, "stdin"], message: "standard input can be the log of one only" });
        readsInput = true;
      }
      if (!("from" in options)) continue;
      for (const key of ["from", "lookback", "olddir"])
        if (options.path === undefined && states([...path, key]))
          problems.push({ path: [...path, key], message: "is of a log that comes from a file (path)" });
      if (options.from === "start" && states([...path, "lookback"]))
        problems.push({
          path: [...path, "lookback"],
          message: "from: start reads all of it: leave one of the two out",
        });
    }
  return problems;
}

/** Points of a host go to the first node that has it. */
function sharedHosts({ nodes }: Config): Problem[] {
  const taken = new Map<string, string>();
  return nodes.flatMap(({ id, collect }, at) =>
    collect.flatMap((options, index) => {
      if (options.type !== "influx-write") return [];
      return (options.host ?? []).flatMap((host, place): Problem[] => {
        const first = taken.get(host.toLowerCase());
        taken.set(host.toLowerCase(), first ?? id);
        if (first === undefined || first === id) return [];
        const message = `points of "${host}" are of the node ${first} already`;
        return [{ path: ["nodes", at, "collect", index, "host", place], message }];
      });
    }),
  );
}

function tokensOf({ auth }: Config): Problem[] {
  return auth.tokens.flatMap(({ node, scopes }, index) =>
    node === undefined || scopes.includes("ingest")
      ? []
      : [{ path: ["auth", "tokens", index, "scopes"], message: `without "ingest" nothing can be sent for ${node}` }],
  );
}

/** Where a rule turns bad and where it is clear again: the other way round it would be both at once, and flap. */
const turns: readonly (readonly [rule: keyof Config["alerts"]["rules"], bad: string, clear: string])[] = [
  ["database-saturated", "badShare", "clearShare"],
  ["database-unresponsive", "slowSeconds", "clearSeconds"],
  ["log-loss", "badShare", "clearShare"],
  ["attack-sources", "spoofSources", "spoofClearSources"],
  ["attack-sources", "spoofShare", "spoofClearShare"],
  ["attack-sources", "floodTimesUsual", "floodClearTimesUsual"],
];

function thresholdsOf({ alerts: { rules } }: Config): Problem[] {
  return turns.flatMap(([rule, bad, clear]): Problem[] => {
    const stated: Readonly<Record<string, unknown>> = rules[rule] ?? {};
    const shipped = ruleDefaults[rule] as Readonly<Record<string, unknown>>;
    const [high, low] = [Number(stated[bad] ?? shipped[bad]), Number(stated[clear] ?? shipped[clear])];
    if (high > low) return [];
    const key = stated[bad] === undefined ? clear : bad;
    const message = `${bad} is ${high} and ${clear} ${low}: it is clear only under where it turns bad, so state both`;
    return [{ path: ["alerts", "rules", rule, key], message }];
  });
}

/** An agent collects and sends: what judges, keeps and tells is the server's. */
function ofAgent({ value: { nodes, agent }, states }: Stated): Problem[] {
  const problems: Problem[] = [];
  if (nodes.length !== 1)
    problems.push({
      path: ["nodes"],
      message: `an agent has exactly one of "nodes", the one that its token was made for`,
    });
  const say = (path: readonly PropertyKey[], message: string) => {
    if (states(path)) problems.push({ path, message });
  };
  for (const key of ["server", "auth", "store", "capture", "index", "delay", "alerts", "notify"])
    say([key], `an agent does nothing with it: "${key}" belongs into the server's configuration`);
  for (const [at, { collect }] of nodes.entries()) {
    for (const key of ["ownDomains", "backoff"])
      say(["nodes", at, key], `an agent does nothing with it: it belongs to the node in the server's configuration`);
    for (const [index, { type }] of collect.entries())
      if (type === "agent" || type === "influx-write")
        problems.push({ path: ["nodes", at, "collect", index, "type"], message: ofServer[type] });
  }
  if (agent?.server.startsWith("http:") === true)
    say(["agent", "ca"], "is of an https server: http has no certificate");
  return problems;
}

const ofServer = {
  agent: "{ type: agent } belongs into the server's configuration; an agent reads logs and queues",
  "influx-write": "{ type: influx-write } belongs into the server's configuration: points are written to the server",
} as const;
