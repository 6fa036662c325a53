import { createCollectors, createNotifiers } from "../build.ts";
import { isAgentCollector } from "../collect/agent/index.ts";
import { localUrl } from "../config/local-url.ts";
import type { Config } from "../config/schema.ts";
import { openInfluxSeries } from "../store/influx/open.ts";
import type { Finding } from "./finding.ts";
import { tryAgent } from "./try-agent.ts";
import { type Tried, tryCollector } from "./try-collector.ts";

/** `share`: of what there is to try; `what`: that which is tried now. */
export type OnProgress = (share: number, what: string) => void;

/** Tries each collector, store and notifier that the configuration names, and for an agent its server and its spool. */
export async function tryAll(config: Config, onProgress: OnProgress): Promise<Finding[]> {
  const collectors = createCollectors(config);
  let done = 0;
  const tries = collectors.map((collector) => async (): Promise<Finding> => {
    const what = collector.id;
    if (isAgentCollector(collector)) {
      return {
        verdict: "note",
        what,
        says: "its agent speaks to the running server only; the screen says when it last did",
      };
    }
    onProgress(done / collectors.length, what);
    const tried = await heldByServer(config, await tryCollector(collector));
    onProgress(++done / collectors.length, what);
    return { what, ...tried };
  });
  const found = await severalAtOnce(tries);
  const [node] = config.nodes;
  if (config.agent !== undefined && node !== undefined) return [...found, ...(await tryAgent(config.agent, node.id))];
  return [...found, await trySeries(config), ...notifiers(config)];
}

/** A port that the running server listens at cannot be tried beside it. */
async function heldByServer({ server }: Config, tried: Tried): Promise<Tried> {
  if (tried.verdict !== "FAILS" || !/EADDRINUSE/.test(tried.says)) return tried;
  const answer = await fetch(`${localUrl(server)}/healthz`, { signal: AbortSignal.timeout(2_000) }).catch(() => null);
  await answer?.body?.cancel();
  return answer === null ? tried : { verdict: "ok", says: "the running server listens there" };
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
    what: id,
    says: `configured for ${channels.join(" and ")}; nothing was sent`,
  }));
