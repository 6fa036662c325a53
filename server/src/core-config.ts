import { collectorId, dependencyId, type Mode } from "@mailtide/shared";
import type { Collector } from "./collect/collector.ts";
import { backoffOfNode, mtaOfNode, postfixFoldersOf } from "./config/node.ts";
import type { Config } from "./config/schema.ts";
import { mtasWithoutEnd } from "./core/arrival.ts";
import type { SiteCoreConfig } from "./core/site-core.ts";
import type { HostMta } from "./core/detect/operator-commands.ts";
import type { Overrides } from "./core/detect/index.ts";
import { version } from "./version.ts";

/** What is collected, and where which MTA runs where the configuration does not say it. */
interface Collected {
  readonly collectors: readonly Collector[];
  readonly hosts?: readonly HostMta[] | undefined;
}

/** The configuration as the core wants it: plain data, so that a thread can build the same core from it. */
export function coreConfig(
  config: Config,
  mode: Mode,
  installId: string,
  { collectors, hosts = config.nodes.map(hostOf) }: Collected,
): SiteCoreConfig {
  const { site } = config;
  return {
    site,
    mode,
    version,
    targetSeconds: config.delay.target,
    delay: {
      site: { id: site.id, targetSeconds: config.delay.target, probes: probesOf(config) },
      nodes: config.nodes.map((node) => ({
        id: node.id,
        ownDomains: node.ownDomains,
        ...(node.ownHops === undefined ? {} : { ownHops: node.ownHops }),
        backoff: backoffOfNode(node),
        endsWithRecipients: mtasWithoutEnd.has(mtaOfNode(node) ?? ""),
      })),
    },
    alerts: {
      installId,
      site,
      resolveAfterSeconds: config.alerts.resolveAfter,
      // One incident holds what happens together, so that nothing needs to be held back by default.
      inhibitions: [],
      rules: config.alerts.rules as Overrides,
      hosts,
    },
    sources: {},
    dependencies: config.dependencies.map(({ id, type }) => ({
      id: dependencyId(id),
      type,
      // One that is asked once an hour, or less often because it fails, is not unknown after a minute.
      staleSeconds: Math.max(60, collectors.find((each) => each.id === `dependency ${id}`)?.limitSeconds ?? 60),
    })),
    collectors: collectors.map(({ id, node, required, limitSeconds }) => ({
      id: collectorId(id),
      node,
      required,
      limitSeconds,
    })),
  };
}

const hostOf = (node: Config["nodes"][number]): HostMta => ({
  node: node.id,
  mta: mtaOfNode(node),
  postfixFolders: postfixFoldersOf(node),
});

/** Where the probe mail of these round trips goes. */
export const probesOf = ({ dependencies }: Config): string[] =>
  dependencies.flatMap((one) => (one.type === "roundtrip" ? [one.to.toLowerCase()] : []));
