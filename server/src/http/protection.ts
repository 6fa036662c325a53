import { isLoopbackName } from "./auth/connection.ts";
import type { AuthSettings, ServerSettings } from "./settings.ts";

const shortestSecret = 16;

/**
 * Why this server must not start, in words; null when it may. Beyond loopback there is no way in without a credential,
 * and no credential over an open line.
 */
export function refusal(
  server: Pick<ServerSettings, "host" | "tls" | "trustProxy">,
  auth: AuthSettings,
): string | null {
  const weak = auth.tokens.find(({ secret }) => secret.reveal().length < shortestSecret);
  if (weak !== undefined) {
    return `The secret of the token "${weak.name}" (auth.tokens) is shorter than ${shortestSecret} characters: make one with \`openssl rand -hex 32\`.`;
  }
  if (isLoopbackName(server.host.toLowerCase())) return null;
  const missing: string[] = [];
  if (auth.tokens.length === 0 && auth.proxyHeader === undefined) {
    missing.push("authentication (auth.tokens or auth.proxyHeader)");
  }
  if (server.tls === undefined && (server.trustProxy ?? []).length === 0) {
    missing.push("TLS (server.tls, or server.trustProxy when a proxy in front ends it)");
  }
  if (missing.length === 0) return null;
  return `server.host is ${server.host}, which others can reach, and there is no ${missing.join(" and no ")}. Add what is missing, or listen on 127.0.0.1.`;
}
