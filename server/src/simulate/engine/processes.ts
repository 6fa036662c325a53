/** A daemon process as it stands in a log line: ` mx1 postfix/smtpd[4711]: `. */
export type Process = string & { readonly process?: true };

/** The processes of one service. One that is taken belongs to one session until it is given back. */
export interface ProcessPool {
  readonly busy: number;
  take(): Process;
  give(process: Process): void;
  /** A process that does many things at once, or one thing in no time. */
  any(): Process;
}

/** max_use, postconf(5): a process ends after so many clients, and another takes its place. */
const mostUses = 100;
const lastPid = 4_194_304;

/** All processes of a host draw their numbers from one counter. */
export function createPids(first: number): () => number {
  let pid = first;
  return () => {
    pid += 3;
    if (pid >= lastPid) pid = first;
    return pid;
  };
}

/** `name` is the syslog tag, for example `postfix/submission/smtpd`. */
export function createProcessPool(host: string, name: string, nextPid: () => number): ProcessPool {
  const idle: { readonly tag: Process; uses: number }[] = [];
  const taken = new Map<Process, number>();
  const fresh = () => ({ tag: ` ${host} ${name}[${nextPid()}]: `, uses: 0 });
  const take = (): Process => {
    // The one that came back last goes first, as with a real listening socket on a quiet host.
    const { tag, uses } = idle.pop() ?? fresh();
    taken.set(tag, uses + 1);
    return tag;
  };
  const give = (tag: Process) => {
    const uses = taken.get(tag);
    if (uses === undefined) return;
    taken.delete(tag);
    if (uses < mostUses) idle.push({ tag, uses });
  };
  return {
    get busy() {
      return taken.size;
    },
    take,
    give,
    any() {
      const tag = take();
      give(tag);
      return tag;
    },
  };
}
