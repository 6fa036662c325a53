import { type Ran, run } from "./run.ts";

/** What one Postfix instance is set to, the defaults too. */
export interface PostfixSettings {
  /** Its configuration folder; null: the one that Postfix was built with. */
  readonly folder: string | null;
  /** By name, `$name` expanded; "" where it does not exist. */
  get(name: string): string;
  readonly names: readonly string[];
  readonly services: readonly PostfixService[];
}
/** A line of master.cf. */
export interface PostfixService {
  readonly name: string;
  readonly type: string;
  /** The program, without its arguments. */
  readonly program: string;
  /** `-o name=value`. */
  readonly overrides: ReadonlyMap<string, string>;
}

/** Asks postconf(1), which only reads. Null where there is no Postfix, or none in that folder. */
export async function readPostfix(folder: string | null): Promise<PostfixSettings | null> {
  const where = folder === null ? [] : ["-c", folder];
  const [values, services, overrides] = await Promise.all(
    [["-x"], ["-M"], ["-P", "-x"]].map((what) => run("postconf", [...where, ...what])),
  );
  if (values?.ok !== true || !/^queue_directory = /m.test(values.stdout)) return null;
  return postfixSettings(folder, values.stdout, textOf(services), textOf(overrides));
}

const textOf = (ran: Ran | undefined): string => (ran?.ok === true ? ran.stdout : "");

/** From what `postconf -x`, `postconf -M` and `postconf -P -x` print. */
export function postfixSettings(
  folder: string | null,
  values: string,
  services: string,
  overrides: string,
): PostfixSettings {
  const known = assignments(values);
  const more = [...assignments(overrides)].map(([key, value]) => ({ key, value }));
  return {
    folder,
    get: (name) => known.get(name) ?? "",
    names: [...known.keys()],
    services: services.split("\n").flatMap((line) => {
      const [name, type, , , , , , program] = line.split(/\s+/);
      // What goes on over several lines begins with white space.
      if (name === undefined || name === "" || type === undefined || program === undefined) return [];
      const prefix = `${name}/${type}/`;
      const own = more.flatMap(({ key, value }) =>
        key.startsWith(prefix) ? [[key.slice(prefix.length), value] as const] : [],
      );
      return [{ name, type, program, overrides: new Map(own) }];
    }),
  };
}

function assignments(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split("\n").flatMap((line) => {
      const parts = /^([^\s=]+) =(.*)$/.exec(line);
      return parts === null ? [] : [[parts[1] ?? "", (parts[2] ?? "").trim()] as const];
    }),
  );
}

/** Literal domain names of a list: a look-up table, a variable or the host's own loopback name is none. */
export function plainDomains(list: string): string[] {
  return list
    .split(/[\s,]+/)
    .filter((word) => /^[A-Za-z0-9][A-Za-z0-9.-]*\.[A-Za-z]{2,}$/.test(word) && !/^localhost\./i.test(word));
}
