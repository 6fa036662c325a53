const width = 30;

export interface Progress {
  /** 0 to 1. */
  at(share: number): void;
  done(): void;
}

/** A bar on a terminal; a line at the begin and the end where there is none. */
export function showProgress(title: string): Progress {
  const { stderr } = process;
  let last = -1;
  let ended = false;
  return {
    at(share) {
      const percent = Math.floor(Math.min(1, Math.max(0, share)) * 100);
      if (ended || percent === last) return;
      if (stderr.isTTY) {
        const full = Math.round((percent / 100) * width);
        stderr.write(`\r${title} ${"█".repeat(full)}${"░".repeat(width - full)} ${String(percent).padStart(3)} %`);
      } else if (last < 0) stderr.write(`${title} …\n`);
      last = percent;
    },
    done() {
      if (!ended && last >= 0)
        stderr.write(stderr.isTTY ? `\r${title}: done${" ".repeat(width)}\n` : `${title}: done\n`);
      ended = true;
    },
  };
}
