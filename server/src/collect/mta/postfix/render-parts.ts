import type { MailEvent } from "../../../core/event.ts";

/** What several lines of Postfix and its policy servers are put together from. */

export function client({ clientName = "", clientIp, clientPort }: MailEvent): string {
  return peer(clientName, clientIp ?? "unknown", clientPort);
}

export function peer(name: string, ip: string, port: number | undefined): string {
  return `${name}[${ip}]${port === undefined ? "" : `:${port}`}`;
}

export const angled = (key: string, value: string | undefined): string =>
  value === undefined ? "" : ` ${key}=<${value}>`;
export const keyed = (key: string, value: string | undefined): string => (value === undefined ? "" : key + value);
export const behind = (mark: string, text: string): string => (text === "" ? "" : mark + text);
