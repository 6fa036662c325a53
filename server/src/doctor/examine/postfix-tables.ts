import { readFile } from "node:fs/promises";
import { dependency, type Finding, ok } from "../finding.ts";
import { freeId } from "../free-id.ts";
import type { Examination, Patient, WatchedPostfix } from "../patient.ts";

/** Kinds of look-up tables that another server answers, and the dependency that watches it (DATABASE_README). */
const kinds: Readonly<
  Record<string, { readonly type: string; readonly port: number; readonly keys: readonly string[] } | undefined>
> = {
  mysql: { type: "mysql", port: 3306, keys: ["hosts"] },
  pgsql: { type: "postgres", port: 5432, keys: ["hosts"] },
  ldap: { type: "ldap", port: 389, keys: ["server_host"] },
  redis: { type: "redis", port: 6379, keys: ["host", "server_host"] },
  memcache: { type: "tcp", port: 11_211, keys: ["memcache"] },
};

/** A table that another server answers. */
export interface Table {
  readonly kind: string;
  /** The first setting that uses it. */
  readonly setting: string;
  readonly path: string;
  /** Of its file, never a name or a password; null: it cannot be read. */
  readonly hosts: readonly string[] | null;
  readonly database: string | null;
}

/** Look-up tables in databases that no dependency watches: a hung one holds up all mail. */
export const postfixTables: Examination = async (patient) => {
  const findings: Finding[] = [];
  for (const postfix of await patient.postfixes())
    findings.push(...judgeTables(postfix, await tablesOf(postfix), patient.config));
  return findings;
};

export function judgeTables(
  { node, name }: Pick<WatchedPostfix, "node" | "name">,
  tables: readonly Table[],
  { dependencies }: Pick<Patient["config"], "dependencies">,
): Finding[] {
  const findings: Finding[] = [];
  for (const kind of new Set(tables.map((table) => table.kind))) {
    const { type, port } = kinds[kind] ?? { type: "tcp", port: 0 };
    const used = tables.filter((table) => table.kind === kind);
    const what = `${name} ${kind} tables`;
    const watching = dependencies.filter((each) => each.type === type && each.affects.some((id) => id === node.id));
    if (watching.length > 0) {
      findings.push(ok(what, `watched by ${watching.map(({ id }) => id).join(", ")}`));
      continue;
    }
    const [first] = used;
    if (first === undefined) continue;
    const unaffecting = dependencies.find((each) => each.type === type);
    const host = addressIn(first.hosts?.[0] ?? "127.0.0.1", port);
    const settings = [...new Set(used.map(({ setting }) => setting))].slice(0, 3).join(", ");
    const hosts = [...new Set(used.flatMap((table) => table.hosts ?? []))];
    const where =
      hosts.length > 0
        ? ` at ${hosts.join(", ")}`
        : ` (${first.path} ${first.hosts === null ? "cannot be read by this user" : "names no host"})`;
    const none =
      unaffecting === undefined
        ? `no dependency of the type ${type} is configured`
        : `${unaffecting.id} does not say that it affects ${node.id}`;
    findings.push({
      verdict: "missing",
      what,
      says: `${settings} ${used.length === 1 ? "asks" : "ask"} ${kind}${where}, and ${none}`,
      why: "When that server hangs, Postfix waits at every look-up and all mail with it; watched, it is named with who blocks whom.",
      mend: entryFor(type, host, first.database, node.id, freeId(dependencies, `mail-${type}`)),
    });
  }
  return findings;
}

interface Address {
  readonly host: string;
  readonly port: number;
}

function entryFor(type: string, { host, port }: Address, database: string | null, node: string, id: string) {
  if (type === "ldap") return dependency({ id, type, url: `ldap://${host}:${port}`, affects: [node] });
  if (type === "tcp") return dependency({ id, type, host, port, affects: [node] });
  if (type === "redis") return dependency({ id, type, url: `redis://${host}:${port}`, affects: [node] });
  const name = `MAILTIDE_${id.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_")}_URL`;
  const form = `${type}://ROLE:PASSWORD@${host}:${port}/${database ?? "DATABASE"}`;
  const monitor = name.replace(/_URL$/, "_MONITOR_URL");
  const role = type === "postgres" ? "a role with pg_monitor" : "a role with PROCESS";
  return dependency(
    { id, type, url: { env: name }, privileged: { env: monitor }, affects: [node] },
    `${name}: ${form}; ${monitor}: the same for ${role}`,
  );
}

function addressIn(text: string, usual: number): Address {
  // `inet:host:port`, `ldap://host`, `unix:/path`, `host:port`.
  const plain = text
    .replace(/^(?:inet|memcache|tcp):/, "")
    .replace(/^[a-z]+:\/\//, "")
    .replace(/\/.*$/, "");
  const parts = /^\[?([^\]]*?)\]?(?::(\d+))?$/.exec(plain);
  const host = parts?.[1] ?? "";
  return { host: host === "" || host === "unix:" ? "127.0.0.1" : host, port: Number(parts?.[2] ?? usual) };
}

async function tablesOf({ settings }: WatchedPostfix): Promise<Table[]> {
  const found = new Map<string, Table>();
  // Others take theirs from a list of maps as shipped (virtual_mailbox_domains); the one to name is the list itself.
  for (const setting of [...settings.names].sort((a, b) => isMaps(b) - isMaps(a))) {
    // Lists of what may be asked through the proxy repeat what others use.
    if (setting.startsWith("proxy_") && setting.endsWith("_maps")) continue;
    for (const [, kind = "", path = ""] of settings
      .get(setting)
      .matchAll(/\b(mysql|pgsql|ldap|redis|memcache):(\/[^\s,{}]+)/g)) {
      if (found.has(`${kind}:${path}`) || found.size >= mostTables) continue;
      found.set(`${kind}:${path}`, { kind, setting, path, ...(await readTable(kind, path)) });
    }
  }
  return [...found.values()];
}

const isMaps = (name: string): number => Number(name.endsWith("_maps"));
const mostTables = 50;

async function readTable(kind: string, path: string): Promise<Pick<Table, "hosts" | "database">> {
  const text = await readFile(path, "utf8").catch(() => null);
  return text === null ? { hosts: null, database: null } : parseTable(kind, text.slice(0, 64 << 10));
}

/** Hosts and the database's name of a table's file; nothing else of it is looked at. */
export function parseTable(kind: string, text: string): Pick<Table, "hosts" | "database"> {
  const values = (names: readonly string[]): string[] =>
    names.flatMap((name) =>
      [...text.matchAll(new RegExp(`^${name}[ \\t]*=[ \\t]*(.*)$`, "gm"))].map(([, value = ""]) => value.trim()),
    );
  const hosts = values(kinds[kind]?.keys ?? [])
    .flatMap((value) => value.split(/[\s,]+/).map(bare))
    .filter((host) => host !== "");
  return { hosts, database: values(["dbname"])[0] || null };
}

/** A connection URI may carry the password (pgsql_table(5)): its host, and no more. */
const bare = (host: string): string => host.replace(/^([a-z]+:\/\/)?[^@\s]*@/, "$1").replace(/\?.*$/, "");
