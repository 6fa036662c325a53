import { stat } from "node:fs/promises";
import { run } from "../../host/run.ts";
import { dependency, type Finding, ok } from "../finding.ts";
import { freeId } from "../free-id.ts";
import { isHere, type Patient } from "../patient.ts";
import { mtaOfNode } from "../../config/node.ts";

/** Where queue files are kept, and whether a disk dependency looks at that file system. */
export interface Spool {
  readonly node: string;
  readonly path: string;
  readonly isWatched: boolean;
}

export async function spoolDisk(patient: Patient): Promise<Finding[]> {
  const { nodes, dependencies } = patient.config;
  const folders = (await patient.postfixes()).map(({ node, settings }) => ({
    node,
    path: settings.get("queue_directory"),
  }));
  for (const node of nodes.filter((node) => mtaOfNode(node) === "exim" && isHere(node))) {
    const told = await run("exim4", ["-bP", "spool_directory"]);
    const path = told.ok ? /^spool_directory = (\/.*)$/m.exec(told.stdout)?.[1] : undefined;
    if (path !== undefined) folders.push({ node, path: path.trim() });
  }
  const watched = await Promise.all(
    dependencies.map((each) => (each.type === "disk" ? deviceOf(each.path) : Promise.resolve(null))),
  );
  const spools = await Promise.all(
    folders.map(async ({ node, path }): Promise<Spool> => {
      const device = await deviceOf(path);
      return { node: node.id, path, isWatched: device !== null && watched.includes(device) };
    }),
  );
  return judgeSpools(spools, dependencies);
}

export function judgeSpools(spools: readonly Spool[], taken: readonly { readonly id: string }[]): Finding[] {
  return spools.map(({ node, path, isWatched }): Finding => {
    const what = `${node} spool`;
    if (isWatched) return ok(what, `a disk dependency looks at ${path}`);
    const entry = { id: freeId(taken, "spool-disk"), type: "disk", path, affects: [node] };
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
