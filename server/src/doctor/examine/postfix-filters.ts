import { dependency, type Finding, ok } from "../finding.ts";
import { freeId } from "../free-id.ts";
import type { Patient, WatchedPostfix } from "../patient.ts";

/** Where Postfix hands mail on to, and by which program. */
interface Hop {
  readonly from: string;
  readonly isFilter: boolean;
  readonly program: string;
  readonly host: string;
  readonly port: number | null;
}

/** Filters that all mail passes through and that no dependency asks. */
export function judgeFilters(
  { node, name }: WatchedPostfix,
  { dependencies }: Pick<Patient["config"], "dependencies">,
  hops: readonly Hop[],
): Finding[] {
  const what = `${name} content filter`;
  return hops.flatMap(({ isFilter, host, port, program, from }): Finding[] => {
    // A pipe is a program of this host.
    if (!isFilter || port === null || (program !== "smtp" && program !== "lmtp")) return [];
    const place = `${host}:${port}`;
    const isWatched = dependencies.some((each) => {
      if (each.type === "filter")
        return (each.kind === "smtp" || each.kind === "lmtp") && (each.port ?? 10_024) === port;
      return (each.type === "smtp" || each.type === "tcp") && each.port === port;
    });
    if (isWatched) return [ok(what, `${place} is watched`)];
    const id = freeId(dependencies, "content-filter");
    return [
      {
        verdict: "missing",
        what,
        says: `${from} passes all mail through ${place}, and no dependency watches it`,
        why: "A filter whose every process is busy or hangs takes the connection and does not greet: the queue grows before the log says why.",
        mend: dependency({ id, type: "filter", kind: program, host, port, affects: [node.id] }),
      },
    ];
  });
}
