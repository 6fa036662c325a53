import { readFileSync } from "node:fs";
import type { MysqlAddress } from "./session.ts";

/** `mysql://role@host:3306/database`, or `mysql://role@localhost/database?socket=/run/mysqld/mysqld.sock`. */
export function addressOf(text: string, tls: MysqlAddress["tls"]): MysqlAddress {
  const url = new URL(text);
  const socketPath = url.searchParams.get("socket");
  return {
    host: url.hostname.replace(/^\[|\]$/gu, ""),
    port: url.port === "" ? 3306 : Number(url.port),
    socketPath,
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
    tls,
  };
}

const isOfForm = (text: string): boolean => /^(?:mysql|mariadb):\/\//u.test(text) && URL.canParse(text);

/** null when it can be used as what a secret holds. */
export const formProblem = (text: string): string | null =>
  isOfForm(text) && isDecodable(text)
    ? null
    : "no connection string such as mysql://role:password@host:3306/database (%40 stands for @ in a password, %25 for %)";

function isDecodable(text: string): boolean {
  try {
    return addressOf(text, null).host !== "";
  } catch {
    return false;
  }
}

/** null when it can be used in the configuration itself. */
export function urlProblem(text: string): string | null {
  if (!isOfForm(text)) return "a connection string such as mysql://role@host:3306/database";
  const { password, username, searchParams, hostname } = new URL(text);
  if (password !== "") return "a connection string with a password is given as {env: NAME} or {file: PATH}";
  if (username === "" || hostname === "")
    return "a connection string names a role and a host: mysql://role@host/database";
  const strange = [...searchParams.keys()].find((key) => key !== "socket");
  return strange === undefined ? null : `a connection string takes ?socket=PATH only, not ${strange}`;
}

/** Host and port, never role, password or database. */
export const placeOf = ({ host, port, socketPath }: MysqlAddress): string =>
  socketPath === null ? `the database at ${host}:${port}` : `the database at ${socketPath}`;

export const readCa = (path: string | undefined): string | null =>
  path === undefined ? null : readFileSync(path, "utf8");
