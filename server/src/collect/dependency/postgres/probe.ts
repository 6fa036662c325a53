import { collectorId, type DependencyId, type Seconds } from "@mailtide/shared";
import { Client } from "pg";
import type { ProbeObservation, SqlDetails } from "../../../core/observation.ts";
import type { Batch, CollectorContext, PollCollector } from "../../collector.ts";
import { Look } from "./look.ts";
import { type Felt, MailSide } from "./mail-side.ts";
import type { Deadline } from "./session.ts";
import { inWords } from "./words.ts";

export interface ProbeSettings {
  readonly id: DependencyId;
  /** Connection strings. */
  readonly mailUrl: string;
  readonly privilegedUrl: string | null;
  readonly query: string;
  readonly everySeconds: Seconds;
  readonly deadlineSeconds: Seconds;
  readonly required: boolean;
}

/** Both connections are asked at once: a hung server costs one deadline, and is a result. */
export function createProbe(settings: ProbeSettings): PollCollector {
  const { id, everySeconds, deadlineSeconds } = settings;
  const mail = new MailSide(
    { connectionString: settings.mailUrl },
    settings.query,
    Math.max(1, Math.round(freshSeconds / everySeconds)),
  );
  const look = settings.privilegedUrl === null ? null : new Look({ connectionString: settings.privilegedUrl });
  const where = placeOf(settings.mailUrl);
  let context: CollectorContext | null = null;

  const looked = async (deadline: Deadline): Promise<SqlDetails> => {
    if (look === null) return { blind: "no privileged connection is configured: locks are not looked at" };
    try {
      return await look.look(deadline);
    } catch (error) {
      look.close();
      return {
        blind: `the privileged connection failed: ${inWords(error, placeOf(settings.privilegedUrl ?? ""), deadlineSeconds)}`,
      };
    }
  };

  return {
    kind: "poll",
    id: collectorId(`dependency ${id}`),
    node: null,
    required: settings.required,
    everySeconds,
    // Room to say that the deadline has passed.
    deadlineSeconds: deadlineSeconds + 1,
    limitSeconds: Math.max(10, 3 * everySeconds + deadlineSeconds),
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
      const deadline = { atMs: startMs + deadlineSeconds * 1000, seconds: deadlineSeconds, signal };
      const timed = mail.probe(deadline).then((felt) => ({ felt, seconds: (performance.now() - startMs) / 1000 }));
      const [{ felt, seconds }, seen] = await Promise.all([timed, looked(deadline)]);
      const observation: ProbeObservation = {
        kind: "probe",
        atMs: context?.now() ?? 0,
        id,
        type: "postgres",
        ok: felt.ok,
        latencySeconds: seconds,
        ...(felt.ok ? {} : { error: inWords(felt.error, where, deadlineSeconds) }),
        details: { ...timesOf(felt), ...seen },
      };
      return { observations: [observation] };
    },
  };
}

/** How often the mail side opens a fresh connection. */
const freshSeconds = 15;

const timesOf = (felt: Felt): SqlDetails => ({
  ...(felt.connectSeconds === undefined ? {} : { connectSeconds: felt.connectSeconds }),
  ...(felt.ok ? { querySeconds: felt.querySeconds } : {}),
});

/** Host and port, never role, password or database. */
function placeOf(url: string): string {
  const { host, port } = new Client({ connectionString: url });
  return host.startsWith("/") ? `PostgreSQL at ${host}` : `PostgreSQL at ${host}:${port}`;
}
