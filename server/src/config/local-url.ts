import { hostPort } from "../core/text/host-port.ts";
import type { Config } from "./schema.ts";

/** Where a server of this configuration answers on its own host. */
export function localUrl({ host, port, tls }: Config["server"]): string {
  const local = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  return `${tls === undefined ? "http" : "https"}://${hostPort(local, port)}`;
}
