import type { Config } from "../config/schema.ts";
import { mtaOfNode, postfixFoldersOf } from "../config/node.ts";
import { type PostfixSettings, readPostfix } from "../host/postconf.ts";
import type { Finding } from "./finding.ts";
import { type LogTail, readLogTail } from "./log-tail.ts";

export type Node = Config["nodes"][number];

/** What is examined. Everything that is read of the host is read once, whoever asks. */
export interface Patient {
  readonly config: Config;
  /** null: nothing is configured, and what runs on this host was found. */
  readonly configPath: string | null;
  readonly stateFolder: string;
  /** The Postfix instances of this host that a node is made of. */
  postfixes(): Promise<readonly WatchedPostfix[]>;
  /** The ends of the log files that nodes follow. */
  logs(): Promise<readonly LogTail[]>;
}
export interface WatchedPostfix {
  readonly node: Node;
  /** What it is called: its node, and where that has several instances, its folder. */
  readonly name: string;
  readonly settings: PostfixSettings;
}

/** One look at one thing. It must not change anything, and what it asks must have an end. */
export type Examination = (patient: Patient) => Promise<readonly Finding[]>;

/** The same look at each Postfix of the host. */
export const ofPostfix =
  (judge: (postfix: WatchedPostfix, config: Config) => readonly Finding[]): Examination =>
  async (patient) =>
    (await patient.postfixes()).flatMap((postfix) => judge(postfix, patient.config));

export function createPatient(given: Pick<Patient, "config" | "configPath" | "stateFolder">): Patient {
  return {
    ...given,
    postfixes: once(() => watchedPostfixes(given.config)),
    logs: once(() => logTails(given.config)),
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

async function watchedPostfixes({ nodes }: Config): Promise<WatchedPostfix[]> {
  const found: WatchedPostfix[] = [];
  for (const node of nodes) {
    if (mtaOfNode(node) !== "postfix" || !isHere(node)) continue;
    const folders = postfixFoldersOf(node);
    for (const folder of folders.length === 0 ? [null] : folders) {
      const settings = await readPostfix(folder);
      const name = folder === null || folders.length === 1 ? node.id : `${node.id} (${folder})`;
      if (settings !== null) found.push({ node, name, settings });
    }
  }
  return found;
}

/** Collected on this host; a log that comes by network or by an agent tells of another one. */
export const isHere = ({ collect }: Node): boolean =>
  collect.some(
    (each) =>
      each.type.endsWith("-queue") ||
      ("path" in each && each.path !== undefined) ||
      ("journald" in each && each.journald !== undefined),
  );

async function logTails({ nodes, site }: Config): Promise<LogTail[]> {
  const tails = nodes.flatMap((node) =>
    node.collect.flatMap((each) => {
      if (!each.type.endsWith("-log") || !("path" in each) || each.path === undefined) return [];
      const zone = node.timezone ?? site.timezone;
      const olddir = each.olddir === undefined ? {} : { olddir: each.olddir };
      return [readLogTail({ node: node.id, type: each.type, path: each.path, ...olddir, zone })];
    }),
  );
  return (await Promise.all(tails)).filter((tail) => tail !== null);
}
