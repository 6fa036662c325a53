import { createCollectors, createNotifiers } from "../build.ts";
import { isAgentCollector } from "../collect/agent/index.ts";
import { certificateOf } from "../config/certificate.ts";
import type { Config } from "../config/schema.ts";
import { openInfluxSeries } from "../store/influx/open.ts";
import type { Finding } from "./finding.ts";
import { askRunning, asRunning, type Running } from "./running.ts";
import { tryAgent } from "./try-agent.ts";
import { type Tried, tryCollector } from "./try-collector.ts";

/** `share`: of what there is to try; `what`: that which is tried now. */
export type OnProgress = (share: number, what: string) => void;

/** Tries each collector, store and notifier that the configuration names, and for an agent its server and its spool. */
export async function tryAll(config: Config, onProgress: OnProgress): Promise<Finding[]> {
  const collectors = createCollectors(config, null);
  const visited = visitedIn(config);
  let running: Promise<Running> | undefined;
  const ask = (): Promise<Running> => (running ??= askRunning(config));
  let done = 0;
  const tries = collectors.map((collector) => async (): Promise<Finding> => {
    const what = collector.id;
    if (config.agent === undefined && (isAgentCollector(collector) || visited.has(what)))
      return asRunning(what, await ask());
    onProgress(done / collectors.length, what);
    const finding = await heldByServer(what, await tryCollector(collector), ask);
    onProgress(++done / collectors.length, what);
    return finding;
  });
  const found = await severalAtOnce(tries);
  const [node] = config.nodes;
  if (config.agent !== undefined && node !== undefined) return [...found, ...(await tryAgent(config.agent, node.id))];
  return [...found, ...tryCertificate(config), await trySeries(config), ...notifiers(config)];
}

/** Collectors that wait for others to come: by syslog, by POST /write, on a standard input that is the server's alone. */
function visitedIn({ nodes }: Config): ReadonlySet<string> {
  const ids = nodes.flatMap(({ id, collect }) =>
    collect
      .filter(
        (each) =>
          each.type === "influx-write" ||
          ("syslog" in each && each.syslog !== undefined) ||
          ("stdin" in each && each.stdin === true),
      )
      .map(({ type }) => `${id}/${type}`),
  );
  return new Set(ids);
}

/** A port that the running server listens at cannot be tried beside it. */
async function heldByServer(id: string, tried: Tried, ask: () => Promise<Running>): Promise<Finding> {
  const finding = { what: id, ...tried };
  if (tried.verdict !== "FAILS" || !/EADDRINUSE/.test(tried.says)) return finding;
  const running = await ask();
  if ("silent" in running) return finding;
  return running.told === null
    ? { verdict: "ok", what: id, says: "the running server listens there" }
    : asRunning(id, running);
}

/** What hangs must not make the others wait, and a host with many dependencies must not meet all tries at once. */
async function severalAtOnce<T>(tasks: readonly (() => Promise<T>)[]): Promise<T[]> {
  const results: T[] = [];
  const rest = tasks.entries();
  const worker = async (): Promise<void> => {
    for (const [at, task] of rest) results[at] = await task();
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return results;
}

function tryCertificate({ server: { tls } }: Config): Finding[] {
  if (tls === undefined) return [];
  const what = "server.tls";
  try {
    certificateOf(tls, what);
    return [{ verdict: "ok", what, says: "certificate and key belong together" }];
  } catch (error) {
    return [{ verdict: "FAILS", what, says: `${(error as Error).message}; the server would not start` }];
  }
}

async function trySeries({ store: { series, retention } }: Config): Promise<Finding> {
  const what = "series store";
  if (series.type !== "influx") return { verdict: "ok", what, says: "embedded" };
  const store = await openInfluxSeries({ ...series, retention, timeoutMs: 5_000 });
  try {
    await store.ping();
    return { verdict: "ok", what, says: `InfluxDB at ${series.url} answers` };
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return { verdict: "FAILS", what, says: `${said}; points would wait in the spool` };
  } finally {
    await store.close();
  }
}

const notifiers = (config: Config): Finding[] =>
  createNotifiers(config).map(({ id, channels }) => ({
    verdict: "ok",
    what: `notifier ${id}`,
    says: `configured for ${channels.join(" and ")}; nothing was sent`,
  }));
