import { type Backoff, backoffOf } from "../core/backoff.ts";
import type { Config } from "./schema.ts";

type Node = Config["nodes"][number];

/** Whose log or queue is collected on the node, by the first collector that says it, a filter's after all others; null when none does. */
export function mtaOfNode({ collect }: Node): string | null {
  const stated = collect.map((each) =>
    each.type === "agent" ? each.mta : /^(\w+)-(?:log|queue)$/.exec(each.type)?.[1],
  );
  return stated.find((mta) => mta !== undefined && mta !== "rspamd") ?? stated.find((mta) => mta !== undefined) ?? null;
}

/**
 * Configuration folders of the Postfix instances that the node is made of: those whose queues are listed
 * (`postqueue -c FOLDER`), or that its agent's entry names. null is the one that is there by default, and comes first.
 */
export function postfixFoldersOf({ collect }: Node): readonly (string | null)[] {
  const named = collect.flatMap((each): readonly (string | null)[] => {
    if (each.type === "agent") return each.instances ?? [];
    if (each.type !== "postfix-queue") return [];
    const at = each.command.indexOf("-c");
    if (at >= 0) return each.command.slice(at + 1, at + 2);
    // Of a queue that is named by its place nothing says whose it is.
    return each.queueDirectory === undefined ? [null] : [];
  });
  const folders = new Set(named);
  return folders.delete(null) ? [null, ...folders] : [...folders];
}

/** When the queue manager of the node tries again: as configured, else as its MTA is shipped. */
export function backoffOfNode(node: Node): Backoff {
  const shipped = backoffOf(mtaOfNode(node));
  const { minimal, maximal, queueRunDelay, growth } = node.backoff;
  return {
    minimalSeconds: minimal ?? shipped.minimalSeconds,
    maximalSeconds: maximal ?? shipped.maximalSeconds,
    queueRunDelaySeconds: queueRunDelay ?? shipped.queueRunDelaySeconds,
    growth: growth ?? shipped.growth,
    // Who states one knows it.
    isExact: Object.keys(node.backoff).length > 0 || shipped.isExact,
  };
}
