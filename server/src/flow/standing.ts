import type { Millis } from "@mailtide/shared";

/** What the pipeline is at. */
export interface TurnStanding {
  readonly doing: "nothing" | "judging" | "storing";
  readonly forMs: Millis;
  /** Of the last attempt to store the turn, while it is tried again; else null. */
  readonly problem: unknown;
}

/** Why turns end late, or not at all. */
export interface NoTurn {
  /** Names no path and no host: anybody may be told. */
  readonly why: string;
  /** In the words of what failed. */
  readonly detail: string | null;
}

export function whyNoTurn({ doing, forMs, problem }: TurnStanding): NoTurn {
  const since = `${Math.round(forMs / 1000)} s`;
  if (problem !== null) {
    const detail = problem instanceof Error ? problem.message : "it says no more";
    const because = causes.find(([form]) => form.test(detail))?.[1] ?? "the log says why";
    return { why: `the turn cannot be stored: ${because}; it has been tried again for ${since}`, detail };
  }
  const what = {
    storing: `the state store has not answered for ${since}`,
    judging: `one turn has been under way for ${since}`,
    nothing: `no turn has begun for ${since}`,
  };
  return { why: what[doing], detail: null };
}

/** As SQLite and the system call them. */
const causes: readonly (readonly [RegExp, string])[] = [
  [/disk is full|ENOSPC|EDQUOT/i, "the disk of the state folder is full"],
  [/readonly|read-only|EROFS/i, "the state folder is read-only"],
  [/I\/O error|\bEIO\b/i, "the disk of the state folder fails"],
  [/database (?:table )?is locked|SQLITE_BUSY/i, "something else holds the state database"],
];
