import { localUrl } from "../../config/local-url.ts";
import { durationText } from "../../core/text/figures.ts";
import { askOwnServer } from "../../own-server.ts";
import { command, type Finding, ok } from "../finding.ts";
import type { Patient } from "../patient.ts";
import { bearer } from "../running.ts";

/** What a running server says of itself. */
export interface ServerSays {
  readonly ready: {
    readonly ready?: boolean;
    readonly starting?: boolean;
    /** Why no turn ends. */
    readonly why?: string;
    readonly failing?: readonly { readonly id: string; readonly problem?: string | null }[];
  } | null;
  /** Prometheus' text; null: it was not given. */
  readonly metrics: string | null;
}

/** Asks the server that runs by this configuration, if one does. */
export async function runningServer({ config }: Patient): Promise<Finding[]> {
  if (config.agent !== undefined) return [];
  const base = localUrl(config.server);
  const headers = bearer(config);
  const get = async (path: string): Promise<Response> =>
    askOwnServer(config.server, path, { headers, signal: AbortSignal.timeout(5_000) });
  try {
    const ready = await get("/readyz");
    const metrics = await get("/metrics");
    const document = (await ready.json().catch(() => null)) as ServerSays["ready"];
    return judgeServer(base, { ready: document, metrics: metrics.ok ? await metrics.text() : null });
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    if (code === undefined && /certificate of server\.tls/.test(message))
      return [
        {
          verdict: "FAILS",
          what: "running server",
          says: message,
          mend: command("ss -ltnp # and start Mailtide again"),
        },
      ];
    const says = `no Mailtide answers at ${base}: what it would say of itself (dropped, lost, not understood) is not known`;
    return [{ verdict: "note", what: "running server", says, mend: command("npm start") }];
  }
}

export function judgeServer(base: string, { ready, metrics }: ServerSays): Finding[] {
  const what = "running server";
  if (ready === null || typeof ready.ready !== "boolean")
    return [
      {
        verdict: "FAILS",
        what,
        says: `what answers at ${base} is no Mailtide`,
        why: "Its port is taken.",
        mend: command("ss -ltnp"),
      },
    ];
  const findings: Finding[] = [];
  if (ready.why !== undefined) {
    const why = "Until it goes on, the screens are old and nobody is paged.";
    findings.push({ verdict: "FAILS", what, says: ready.why, why, mend: command("df -h # and -i; then its log") });
  }
  for (const { id, problem } of ready.failing ?? []) {
    const why = "The screens are as old as its last word.";
    findings.push({
      verdict: "FAILS",
      what: `${what}, ${id}`,
      says: problem ?? "fails (set MAILTIDE_TOKEN to a token that may read, and why is said)",
      why,
    });
  }
  if (ready.starting === true) findings.push({ verdict: "note", what, says: "it is still starting" });
  if (metrics === null) {
    findings.push({ verdict: "note", what, says: "its counters are for tokens that may read: set MAILTIDE_TOKEN" });
    return findings;
  }
  const samples = parseMetrics(metrics);
  const sum = (name: string): number =>
    samples.reduce((total, sample) => total + (sample.name === name ? sample.value : 0), 0);
  for (const { name, labels, value } of samples) {
    if (name === "mailtide_dropped_total" && value > 0) {
      const why = "Dropped is counted, never guessed: numbers that miss it are marked on the screens.";
      findings.push({
        verdict: "note",
        what: `${what}, ${labels["where"] ?? "?"}`,
        says: `dropped ${value} since it started: ${labels["reason"] ?? "?"}`,
        why,
      });
    }
    if (name === "mailtide_agent_lost_lines" && value > 0) {
      const why = "Its spool was full while this server was away: give agent.spool.max more room.";
      findings.push({
        verdict: "missing",
        what: `${what}, agent of ${labels["node"] ?? "?"}`,
        says: `lost ${value} lines`,
        why,
      });
    }
    // A follower says that all is well whenever it stands at the end of its log.
    if (name === "mailtide_collector_data_age_seconds" && labels["collector"]?.endsWith("-log") && value > 60) {
      const why =
        "The screens show this host as it was then; after a restart it catches up by itself, else the disk or this server is too slow.";
      const says = `has not stood at the end of its log for ${durationText(value)}`;
      findings.push({ verdict: "missing", what: `${what}, ${labels["collector"]}`, says, why });
    }
    if (name === "mailtide_agent_behind_seconds" && value > 60) {
      const why = "Until it has caught up the screens show that host as it was then.";
      const says = `is ${durationText(value)} behind with what it sends`;
      findings.push({ verdict: "note", what: `${what}, agent of ${labels["node"] ?? "?"}`, says, why });
    }
    if (name === "mailtide_agent_clock_offset_seconds" && Math.abs(value) > 5) {
      const why = "Mailtide allows for it, but the clock should be held right.";
      findings.push({
        verdict: "note",
        what: `${what}, agent of ${labels["node"] ?? "?"}`,
        says: `its clock is ${value.toFixed(1)} s off`,
        why,
      });
    }
  }
  const lost = sum("mailtide_lost_lines");
  if (lost > 0) {
    const why =
      "Messages of those lines were never seen, so counts and waits are lower bounds; the findings about logger and rotation say what loses lines.";
    findings.push({ verdict: "missing", what, says: `at least ${lost} log lines are lost`, why });
  }
  if (sum("mailtide_delay_at_most") > 0) {
    const why =
      "Mail that was already waiting when it was first seen: its arrival is known once ids are long, or when it has left.";
    findings.push({
      verdict: "note",
      what,
      says: "for much of the mail nobody knows since when it waits: the headline is an upper bound",
      why,
    });
  }
  if (sum("mailtide_outbox_oldest_seconds") > 300) {
    const says = `${sum("mailtide_outbox_waiting")} notifications could not be delivered, the oldest for ${Math.round(sum("mailtide_outbox_oldest_seconds") / 60)} minutes`;
    findings.push({ verdict: "FAILS", what, says, why: "Somebody should have been told, and was not." });
  }
  if (sum("mailtide_log_dropped_bytes_total") > 0)
    findings.push({
      verdict: "note",
      what,
      says: "its own log was dropped in part: nobody reads its standard error fast enough",
    });
  return findings.length === 0 ? [ok(what, `${base} is ready; nothing dropped, nothing lost`)] : findings;
}

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Prometheus' text format, version 0.0.4: what we write ourselves. */
function parseMetrics(text: string): Sample[] {
  return [...text.matchAll(/^([a-z_]+)(?:\{([^\n]*)\})? (\S+)$/gm)].map(([, name = "", labels = "", value]) => ({
    name,
    labels: Object.fromEntries(
      [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = "", inside = ""]) => [key, inside]),
    ),
    value: Number(value),
  }));
}
