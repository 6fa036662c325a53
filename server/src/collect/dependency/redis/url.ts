import { readFileSync } from "node:fs";
import { hostPortOf } from "../../../core/text/host-port.ts";
import { addressOrSecret } from "../../../config/secret.ts";
import type { RedisAddress } from "./session.ts";

const form = "redis://host:6379/0, rediss:// with TLS, or unix:///run/redis/redis.sock";

/** A password never stands in the configuration itself. */
export const redisUrl = addressOrSecret({
  plain: (text) =>
    isRedisUrl(text) && new URL(text).password === "" ? null : `${form}; with a password {env: NAME} or {file: PATH}`,
  held: (text) => (isRedisUrl(text) ? null : `not of the form ${form}`),
  error: `${form}, or {env: NAME} or {file: PATH} that holds one`,
});

const isRedisUrl = (text: string): boolean => /^(?:rediss?:\/\/.|unix:\/\/\S*\/.)/u.test(text) && URL.canParse(text);

/** Host and port, or the socket; never user, password or database. Null where the URL is none. */
export function whereOf(text: string): string | null {
  if (!isRedisUrl(text)) return null;
  const url = new URL(text);
  return url.protocol === "unix:" ? decodeURIComponent(url.pathname) : hostPortOf(url);
}

/** Throws in words; what stands in the URL is not among them. `unix://user:password@/path?db=1` has the database as `db`. */
export function addressOf(text: string, ca: string | undefined): RedisAddress {
  if (!isRedisUrl(text)) throw new Error(`the url is not of the form ${form}`);
  const url = new URL(text);
  const isSocket = url.protocol === "unix:";
  const path = decodeURIComponent(url.pathname);
  const database = Number(isSocket ? (url.searchParams.get("db") ?? 0) : path.slice(1));
  if (!Number.isInteger(database) || database < 0) throw new Error("the database of a Redis url is a number");
  return {
    host: url.hostname.replace(/^\[|\]$/gu, ""),
    port: url.port === "" ? 6379 : Number(url.port),
    path: isSocket ? path : null,
    tls: url.protocol === "rediss:" ? { ca: ca === undefined ? undefined : readFileSync(ca, "utf8") } : null,
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database,
  };
}
