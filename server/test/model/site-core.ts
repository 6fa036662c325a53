import { type NodeId, siteId } from "@mailtide/shared";
import type { ExpectedCollector } from "../../src/core/freshness/freshness.ts";
import { SiteCore } from "../../src/core/site-core.ts";
import { config, mx } from "./lines.ts";

/** The whole core of the site that the lines are of, with no dependencies or rules of its own. */
export function newCore(collectors: readonly ExpectedCollector[] = [], nodes: readonly NodeId[] = [mx]): SiteCore {
  const site = { id: siteId("main"), name: "Mail", timezone: "UTC", locale: "en" };
  return new SiteCore({
    site,
    mode: "live",
    version: "test",
    targetSeconds: 300,
    delay: config({ nodes }),
    alerts: { installId: "test", site, resolveAfterSeconds: 600, inhibitions: [], rules: {}, hosts: [] },
    sources: {},
    dependencies: [],
    collectors,
  });
}
