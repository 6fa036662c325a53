import { siteId } from "@mailtide/shared";
import { SiteCore } from "../../src/core/site-core.ts";
import { config } from "./lines.ts";

/** The whole core of the site that the lines are of, with no collectors, dependencies or rules of its own. */
export function newCore(): SiteCore {
  const site = { id: siteId("main"), name: "Mail", timezone: "UTC", locale: "en" };
  return new SiteCore({
    site,
    mode: "live",
    version: "test",
    targetSeconds: 300,
    delay: config(),
    alerts: { installId: "test", site, resolveAfterSeconds: 600, inhibitions: [], rules: {} },
    sources: {},
    dependencies: [],
    collectors: [],
  });
}
