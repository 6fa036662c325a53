import { join } from "node:path";
import { nodeId } from "@mailtide/shared";
import type { Collector } from "./collect/collector.ts";
import { dependencyPlugins, nodePlugins } from "./collect/index.ts";
import { WriteHub } from "./collect/influx-write/hub.ts";
import { SyslogHub } from "./collect/syslog-in/hub.ts";
import type { Config } from "./config/schema.ts";
import { channelsOf, notifierKinds } from "./notify/index.ts";
import type { Notifier } from "./notify/notifier.ts";

/** What the configuration says to collect. Nothing is started. `stateFolder`: null where nothing is to be kept. */
export function createCollectors(config: Config, stateFolder: string | null): Collector[] {
  const counts = stateFolder === null ? null : join(stateFolder, "syslog-taken");
  const syslog = config.syslog === undefined ? undefined : new SyslogHub(config.syslog, counts);
  const writes = new WriteHub();
  const ofNodes = config.nodes.flatMap(({ id, timezone, ownHops, collect }) =>
    collect.map((options) => {
      const plugin = nodePlugins.find(({ type }) => type === options.type);
      if (plugin === undefined) throw new Error(`no collector of the type ${options.type}`);
      return (plugin.create as (options: unknown, node: unknown) => Collector)(options, {
        id: nodeId(id),
        timezone: timezone ?? config.site.timezone,
        hasLog: collect.some(({ type }) => type === "agent" || type.endsWith("-log")),
        ...(ownHops === undefined ? {} : { ownHops }),
        ...(syslog === undefined ? {} : { syslog }),
        writes,
      });
    }),
  );
  const ofDependencies = config.dependencies.map((options) => {
    const plugin = dependencyPlugins.find(({ type }) => type === options.type);
    if (plugin === undefined) throw new Error(`no probe of the type ${options.type}`);
    return (plugin.create as (options: unknown, dependency: unknown) => Collector)(options, { id: options.id });
  });
  const hubs = [...(syslog === undefined ? [] : [syslog.collector()]), ...(writes.isOpen ? [writes.collector()] : [])];
  return [...ofNodes, ...hubs, ...ofDependencies];
}

/** Whom the configuration says to tell. Nothing is sent. */
export function createNotifiers(config: Config): Notifier[] {
  return config.notify.map((options) => {
    const kind = notifierKinds.find(({ type }) => type === options.type);
    if (kind === undefined) throw new Error(`no notifier of the type ${options.type}`);
    const publicUrl = config.server.publicUrl ?? null;
    return kind.create(options, { id: options.id, channels: channelsOf(options.severities), publicUrl });
  });
}
