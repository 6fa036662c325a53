import { collectorId, type DependencyId, type ProbeFault, type Seconds } from "@mailtide/shared";
import type { ProbeObservation, SqlDetails } from "../../../core/observation.ts";
import { Patience } from "../../../loop/patience.ts";
import type { Batch, CollectorContext, PollCollector } from "../../collector.ts";
import { backedOff } from "../back-off.ts";
import { type Felt, MailSide } from "./mail-side.ts";
import { before, type Deadline, type SqlSession } from "./session.ts";
import { inWords } from "./words.ts";

/** What every SQL probe is told. */
export interface SqlSettings {
  readonly id: DependencyId;
  readonly query: string;
  /** A statement that a write canary runs after the look-up; null: nothing is written. */
  readonly write: string | null;
  /** A replica that is further behind fails; null: it is only measured. */
  readonly maxLagSeconds: Seconds | null;
  readonly everySeconds: Seconds;
  readonly deadlineSeconds: Seconds;
  readonly required: boolean;
}

/** What is different between kinds of servers. */
export interface SqlKind {
  readonly type: "postgres" | "mysql";
  open(deadline: Deadline): Promise<SqlSession>;
  lost(error: unknown): boolean;
  /** What a server's own code means. */
  words(code: string, said: string): string | undefined;
  /** Name and address of the server, never role, password or database. */
  readonly where: string;
  /** The privileged side; null where none is configured. */
  readonly look: { look(deadline: Deadline): Promise<SqlLooked>; close(): void; readonly where: string } | null;
}

/** What the privileged look saw; a replica that no longer copies has words in place of a lag. */
export interface SqlLooked extends SqlDetails {
  readonly replicationStopped?: string;
}

/** Both connections are asked at once: a hung server costs one deadline, and is a result. */
export function createSqlProbe(settings: SqlSettings, kind: SqlKind): PollCollector {
  const { id, deadlineSeconds } = settings;
  const { look } = kind;
  const mail = new MailSide({
    open: (deadline) => kind.open(deadline),
    lost: (error) => kind.lost(error),
    query: settings.query,
    write: settings.write,
    freshEvery: Math.max(1, Math.round(freshSeconds / settings.everySeconds)),
  });
  const backOff = backedOff(settings.everySeconds);
  const words = (error: unknown, where: string) =>
    inWords(error, where, (code: string, said: string) => kind.words(code, said));
  let context: CollectorContext | null = null;

  const looked = async (deadline: Deadline): Promise<SqlLooked> => {
    if (look === null) return { blind: "no privileged connection is configured: locks are not looked at" };
    try {
      return await before(deadline, "the look", look.look(deadline), () => look.close());
    } catch (error) {
      look.close();
      return { blind: `the privileged connection failed: ${words(error, look.where)}` };
    }
  };

  return {
    kind: "poll",
    id: collectorId(`dependency ${id}`),
    node: null,
    required: settings.required,
    get everySeconds() {
      return backOff.everySeconds;
    },
    // Room to say that the deadline has passed.
    deadlineSeconds: deadlineSeconds + 1,
    limitSeconds: Math.max(10, backOff.longestSeconds + 2 * settings.everySeconds + deadlineSeconds),
    start: (given) => {
      context = given;
      return Promise.resolve();
    },
    stop: () => {
      mail.close();
      look?.close();
      return Promise.resolve();
    },
    async poll(signal): Promise<Batch> {
      const startMs = performance.now();
      const patience = new Patience(deadlineSeconds * 1000, signal);
      const deadline = { seconds: deadlineSeconds, signal: patience.signal, leftMs: () => patience.leftMs };
      const timed = mail.probe(deadline).then((felt) => ({ felt, seconds: (performance.now() - startMs) / 1000 }));
      const [{ felt, seconds }, { replicationStopped, ...seen }] = await Promise.all([timed, looked(deadline)]).finally(
        () => patience.end(),
      );
      const error = felt.ok
        ? behind(seen, replicationStopped, settings.maxLagSeconds, kind.where)
        : `${felt.writing === true ? "the write canary: " : ""}${words(felt.error, kind.where)}`;
      // A replica that is late is asked as ever: it answers.
      backOff.tried(felt.ok);
      const observation: ProbeObservation = {
        kind: "probe",
        atMs: context?.now() ?? 0,
        id,
        type: kind.type,
        ok: error === null,
        latencySeconds: seconds,
        ...(error === null ? {} : { error }),
        details: { ...timesOf(felt), ...seen, ...(error === null ? {} : faultOf(felt)) },
      };
      return { observations: [observation] };
    },
  };
}

/** It answered the look-up: what fails is the write, or the copy. */
const faultOf = (felt: Felt): { readonly fault?: ProbeFault } =>
  felt.ok ? { fault: "replication" } : felt.writing === true ? { fault: "writes" } : {};

/** How often the mail side opens a fresh connection. */
const freshSeconds = 15;

function behind(
  seen: SqlDetails,
  stopped: string | undefined,
  maxLagSeconds: Seconds | null,
  where: string,
): string | null {
  if (maxLagSeconds === null) return null;
  if (stopped !== undefined) return `${where}: ${stopped}`;
  const lag = seen.replicationLagSeconds ?? 0;
  return lag > maxLagSeconds
    ? `${where}: replication is ${Math.round(lag)} s behind, more than ${maxLagSeconds} s`
    : null;
}

const timesOf = ({ connectSeconds, querySeconds, writeSeconds }: Felt): SqlDetails => ({
  ...(connectSeconds === undefined ? {} : { connectSeconds }),
  ...(querySeconds === undefined ? {} : { querySeconds }),
  ...(writeSeconds === undefined ? {} : { writeSeconds }),
});
