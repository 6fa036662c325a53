const width = 30;

export interface Progress {
  /** 0 to 1, or null when nobody knows how much there is; what else is worth knowing stands behind the bar. */
  at(share: number | null, note?: string): void;
  done(): void;
  /** It ended before its end; whoever says why finds a line of his own. */
  broken(): void;
}

/** A bar on a terminal; a line at the begin and the end where there is none. */
export function showProgress(title: string): Progress {
  const { stderr } = process;
  let last: string | null = null;
  let ended = false;
  return {
    at(share, note = "") {
      const text = [title, ...(share === null ? [] : [bar(share)]), ...(note === "" ? [] : [note])].join(" ");
      if (ended || text === last) return;
      if (stderr.isTTY) stderr.write(`\r${text}${clearToEnd}`);
      else if (last === null) stderr.write(`${title} …\n`);
      last = text;
    },
    done() {
      if (!ended && last !== null) stderr.write(stderr.isTTY ? `\r${title}: done${clearToEnd}\n` : `${title}: done\n`);
      ended = true;
    },
    broken() {
      if (!ended && last !== null && stderr.isTTY) stderr.write("\n");
      ended = true;
    },
  };
}

/** Shows how far the work has come, until it ends or fails. */
export async function withProgress<Result>(
  title: string,
  work: (progress: Pick<Progress, "at">) => Promise<Result>,
): Promise<Result> {
  const progress = showProgress(title);
  try {
    const result = await work(progress);
    progress.done();
    return result;
  } finally {
    progress.broken();
  }
}

const clearToEnd = "\u001B[K";

function bar(share: number): string {
  const percent = Math.floor(Math.min(1, Math.max(0, share)) * 100);
  const full = Math.round((percent / 100) * width);
  return `${"█".repeat(full)}${"░".repeat(width - full)} ${String(percent).padStart(3)} %`;
}
