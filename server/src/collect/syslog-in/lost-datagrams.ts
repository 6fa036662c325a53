import { readFileSync } from "node:fs";

/**
 * How many datagrams the kernel took for a port and let go, as they came faster than they were read: the last column of
 * `/proc/net/udp` and `udp6` (proc_net(5)), of all sockets at the port. Null where no kernel tells.
 */
export function lostDatagrams(port: number): number | null {
  const end = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  let [lost, isTold] = [0, false];
  for (const path of ["/proc/net/udp", "/proc/net/udp6"]) {
    for (const row of linesOf(path)) {
      const columns = row.trim().split(/\s+/);
      if (columns[1]?.endsWith(end) !== true) continue;
      isTold = true;
      lost += Number(columns.at(-1));
    }
  }
  return isTold && Number.isSafeInteger(lost) ? lost : null;
}

function linesOf(path: string): readonly string[] {
  try {
    return readFileSync(path, "latin1").split("\n").slice(1);
  } catch {
    return [];
  }
}
