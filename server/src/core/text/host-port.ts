/** As they are written together: IPv6 in brackets. */
export const hostPort = (host: string, port: number | string): string =>
  host.includes(":") && !host.startsWith("[") ? `[${host}]:${port}` : `${host}:${port}`;

/** Of a URL, and no more of it: user, password and path may be secret. */
export const hostPortOf = ({
  protocol,
  hostname,
  port,
}: Readonly<Record<"protocol" | "hostname" | "port", string>>): string =>
  hostPort(hostname, port === "" ? (usualPorts[protocol] ?? "") : port);

/** What a URL without a port means. */
const usualPorts: Readonly<Record<string, number | undefined>> = {
  "http:": 80,
  "https:": 443,
  "ldap:": 389,
  "ldaps:": 636,
  "redis:": 6379,
  "rediss:": 6379,
};
