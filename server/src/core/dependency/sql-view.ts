import type { SqlView } from "@mailtide/shared";
import type { SqlDetails } from "../observation.ts";

const mostRows = 20;

export function sqlView(details: SqlDetails): SqlView {
  const blocked = [...(details.blocked ?? [])].sort((a, b) => b.seconds - a.seconds).slice(0, mostRows);
  const ddl = [...(details.ddl ?? [])].sort((a, b) => b.seconds - a.seconds).slice(0, mostRows);
  return {
    connectionsUsed: details.connectionsUsed ?? null,
    connectionsMax: details.connectionsMax ?? null,
    lockWaits: details.lockWaits ?? null,
    longestWaitSeconds: details.longestWaitSeconds ?? null,
    longestTransactionSeconds: details.longestTransactionSeconds ?? null,
    ...(details.replicationLagSeconds === undefined ? {} : { replicationLagSeconds: details.replicationLagSeconds }),
    blocked: blocked.map(({ statement, ...row }) => ({ ...row, statement: statement ?? null })),
    ddl,
  };
}
