import type { IncomingMessage } from "node:http";
import type { ServerSettings } from "../settings.ts";
import type { DescribeConnection } from "./connection.ts";

/**
 * Which page made this request. Browsers say it by themselves and scripts cannot change it: `Origin` (RFC 6454) or,
 * where that is left out, `Sec-Fetch-Site` (W3C Fetch Metadata).
 */
export type PageOrigin = "ours" | "foreign" | "not-a-page";
export type OriginOf = (request: IncomingMessage) => PageOrigin;

export function createOriginOf(
  settings: Pick<ServerSettings, "publicUrl" | "allowedOrigins">,
  describe: DescribeConnection,
): OriginOf {
  const named = new Set((settings.allowedOrigins ?? []).map((origin) => origin.toLowerCase()));
  if (settings.publicUrl !== undefined) named.add(new URL(settings.publicUrl).origin);

  return (request) => {
    const { origin } = request.headers;
    if (origin !== undefined) {
      const { host, secure } = describe(request);
      const own = host === null ? null : `${secure ? "https" : "http"}://${host}`;
      return origin === own || named.has(origin) ? "ours" : "foreign";
    }
    const site = request.headers["sec-fetch-site"];
    if (site === undefined) return "not-a-page";
    return site === "same-origin" ? "ours" : "foreign";
  };
}
