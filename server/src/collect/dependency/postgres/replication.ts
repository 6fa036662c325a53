import { numeric, type Row } from "../sql/session.ts";

/** A standby says how far it is every ten seconds (wal_receiver_status_interval); a little later that says something. */
const silentSeconds = 15;

const secondsSince = (instant: string): string => `greatest(0, extract(epoch FROM clock_timestamp() - ${instant}))`;

/**
 * One row: `lag` in seconds, and `stopped`, why nothing is copied any more.
 *
 * On a standby what is received and what is replayed are compared; without a receiver, or with replay paused, both may be
 * the same and old. On a primary `replay_lag` alone stays at its last value, or goes, when a standby hangs: so a standby
 * that has something to replay and says nothing counts as behind since it last said something, and a replication slot
 * that nobody uses is a standby that is gone. `reply_time` came with PostgreSQL 12.
 */
export const replicationSql = (version: number): string => `
  SELECT
    CASE WHEN pg_is_in_recovery() THEN
      CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn()
          AND EXISTS (SELECT FROM pg_stat_wal_receiver) THEN 0
        ELSE ${secondsSince("pg_last_xact_replay_timestamp()")} END
      ELSE (SELECT max(greatest(extract(epoch FROM replay_lag), ${version >= 120_000 ? silence : "0"}))
        FROM pg_stat_replication WHERE state IN ('streaming', 'catchup')) END::float8 AS lag,
    CASE WHEN NOT pg_is_in_recovery() THEN
        (SELECT 'no standby uses the replication slot ' || min(slot_name) FROM pg_replication_slots
          WHERE slot_type = 'physical' AND NOT active HAVING count(*) > 0)
      WHEN pg_is_wal_replay_paused() THEN 'replay is paused'
      WHEN NOT EXISTS (SELECT FROM pg_stat_wal_receiver) THEN 'nothing is received from the primary'
      END AS stopped`;

const silence = `CASE WHEN pg_current_wal_lsn() > replay_lsn AND ${secondsSince("reply_time")} > ${silentSeconds}
          THEN ${secondsSince("reply_time")} ELSE 0 END`;

export function replicationOf(row: Row): { replicationLagSeconds?: number; replicationStopped?: string } {
  const lag = numeric(row["lag"]);
  const { stopped } = row;
  return {
    ...(lag === null ? {} : { replicationLagSeconds: lag }),
    ...(typeof stopped === "string" ? { replicationStopped: `replication has stopped: ${stopped}` } : {}),
  };
}
