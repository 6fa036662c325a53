import { stat } from "node:fs/promises";
import { run } from "../../host/run.ts";
import { dependency, type Finding, inFile, ok } from "../finding.ts";
import { freeId } from "../free-id.ts";
import { isHere, type Patient } from "../patient.ts";
import { mtaOfNode } from "../../config/node.ts";

/** Where queue files are kept, and whether a disk dependency looks at that file system. */
export interface Spool {
  readonly node: string;
  /** What the MTA is called. */
  readonly name: string;
  readonly path: string;
  readonly isWatched: boolean;
  /** Free space without which the MTA refuses mail, in bytes, and what the dependency takes for it. */
  readonly needsBytes?: number;
  readonly watchedBytes?: number;
}

export async function spoolDisk(patient: Patient): Promise<Finding[]> {
  const { nodes, dependencies } = patient.config;
  const folders: Folder[] = (await patient.postfixes()).map(({ node, name, settings }) => ({
    node,
    name,
    path: settings.get("queue_directory"),
    needsBytes: postfixNeeds(settings.get("queue_minfree"), settings.get("message_size_limit")),
  }));
  for (const node of nodes.filter((node) => mtaOfNode(node) === "exim" && isHere(node))) {
    const told = await run("exim4", ["-bP", "spool_directory"]);
    const path = told.ok ? /^spool_directory = (\/.*)$/m.exec(told.stdout)?.[1] : undefined;
    if (path !== undefined) folders.push({ node, name: node.id, path: path.trim() });
  }
  const watched = await Promise.all(
    dependencies.map(async (each) =>
      each.type === "disk" ? { device: await deviceOf(each.path), bytes: each.mailNeeds } : null,
    ),
  );
  const spools = await Promise.all(
    folders.map(async ({ node, name, path, needsBytes }): Promise<Spool> => {
      const device = await deviceOf(path);
      const watching = device === null ? undefined : watched.find((each) => each?.device === device);
      return {
        node: node.id,
        name,
        path,
        isWatched: watching !== undefined,
        ...(needsBytes === undefined ? {} : { needsBytes }),
        ...(watching === undefined || watching === null ? {} : { watchedBytes: watching.bytes }),
      };
    }),
  );
  return judgeSpools(spools, dependencies);
}

interface Folder {
  readonly node: Patient["config"]["nodes"][number];
  readonly name: string;
  readonly path: string;
  readonly needsBytes?: number;
}

/** postconf(5), queue_minfree: smtpd refuses mail below it, and below 1.5 times message_size_limit. */
const postfixNeeds = (minfree: string, sizeLimit: string): number =>
  Math.round(Math.max(Number(minfree) || 0, 1.5 * (Number(sizeLimit) || 0)));

const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 1024 ** 2)}MiB`;
/** What a disk dependency takes for it unless told otherwise. */
const usualBytes = 15 * 1024 ** 2;

export function judgeSpools(spools: readonly Spool[], taken: readonly { readonly id: string }[]): Finding[] {
  return spools.map(({ node, name, path, isWatched, needsBytes = 0, watchedBytes = needsBytes }): Finding => {
    const what = `${name} spool`;
    if (isWatched && needsBytes > watchedBytes)
      return {
        verdict: "missing",
        what,
        says: `Postfix refuses mail with less than ${mebibytes(needsBytes)} free, and the disk dependency pages under ${mebibytes(watchedBytes)} only`,
        why: "Between the two all mail is refused, and nobody is told why.",
        mend: inFile(`mailtide.yaml, in the disk dependency of ${path}`, `mailNeeds: ${mebibytes(needsBytes)}`),
      };
    if (isWatched) return ok(what, `a disk dependency looks at ${path}`);
    const needs = needsBytes > usualBytes ? { mailNeeds: mebibytes(needsBytes) } : {};
    const entry = { id: freeId(taken, "spool-disk"), type: "disk", path, ...needs, affects: [node] };
    return {
      verdict: "missing",
      what,
      says: `no disk dependency looks at the file system of ${path}`,
      why: "A full spool refuses all mail at once, and a slow one holds it up; both announce themselves hours before.",
      mend: dependency(entry),
    };
  });
}

const deviceOf = (path: string): Promise<number | null> =>
  stat(path).then(
    ({ dev }) => dev,
    () => null,
  );
