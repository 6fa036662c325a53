import type { Seconds } from "@mailtide/shared";
import { dependencyPlugins } from "../../collect/index.ts";
import { type Finding, inConfig, inFile, ok } from "../finding.ts";
import type { Patient } from "../patient.ts";
import { askRunning } from "../running.ts";

type Dependency = Patient["config"]["dependencies"][number];

/** How the configured dependencies are asked, and kinds of them that are not there. */
export async function dependencies({ config }: Patient): Promise<Finding[]> {
  const hasNodes = config.nodes.length > 0;
  const each = config.dependencies.flatMap((one) => judgeDependency(one, config.agent !== undefined));
  if (config.agent !== undefined || !hasNodes) return each;
  const domain = config.nodes.flatMap(({ ownDomains }) => ownDomains)[0] ?? "example.org";
  const place = { domain, nodes: config.nodes.map(({ id }) => id) };
  return [...each, ...judgeRoundTrip([...config.dependencies, ...(await ofAgents(config))], dependencyPlugins, place)];
}

/** What agents probe stands in files of theirs; the running server hears of it. */
async function ofAgents(config: Patient["config"]): Promise<{ readonly id: string; readonly type: string }[]> {
  const areThere = config.nodes.some(({ collect }) => collect.some(({ type }) => type === "agent"));
  const running = areThere ? await askRunning(config) : null;
  if (running === null || "silent" in running) return [];
  return (running.told ?? []).flatMap(({ id, dependency: type }) => (type === undefined ? [] : [{ id, type }]));
}

export function judgeDependency(one: Dependency, isAgent = false): Finding[] {
  const what = `dependency ${one.id}`;
  const place = `mailtide.yaml, in the dependency ${one.id}`;
  const findings: Finding[] = [];
  if (one.affects.length === 0 && !isAgent) {
    findings.push({
      verdict: "missing",
      what,
      says: "does not say which nodes it affects",
      why: "When it fails it pages, but it is not named as the cause of the delay on the nodes that wait for it.",
      mend: inFile(place, "affects: [ID OF A NODE]"),
    });
  }
  if ((one.type === "postgres" || one.type === "mysql") && one.privileged === undefined) {
    const right = one.type === "postgres" ? "GRANT pg_monitor TO mailtide;" : "GRANT PROCESS ON *.* TO mailtide@'%';";
    findings.push({
      verdict: "missing",
      what,
      says: "has no privileged role (privileged): its locks, sessions and replication are not looked at",
      why: "A table locked by a schema change answers SELECT 1 in half a millisecond while all mail waits: only this role sees who blocks whom.",
      mend: inFile(
        place,
        `privileged: { env: MAILTIDE_${one.id.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_")}_MONITOR_URL }`,
        `# in the database: ${right}`,
      ),
    });
  }
  if (one.type === "roundtrip") findings.push(...judgePasswords(one, what, place));
  if (one.deadline > longestDeadline(one.type)) {
    findings.push({
      verdict: "note",
      what,
      says: `is given ${one.deadline} s to answer`,
      why: "Only after that it counts as failing: mail has long been waiting by then.",
      mend: inFile(place, `deadline: ${Math.min(longestDeadline(one.type), 3)}s`),
    });
  }
  return findings;
}

/** A password that is told to whoever answers. */
function judgePasswords(one: Extract<Dependency, { type: "roundtrip" }>, what: string, place: string): Finding[] {
  const sends = one.auth !== undefined && !one.verify;
  const reads = one.mailbox?.verify === false;
  if (!sends && !reads) return [];
  const where = sends && reads ? "to send and to read" : sends ? "to send" : "to read";
  return [
    {
      verdict: "missing",
      what,
      says: `signs in ${where} without looking at the server's certificate (verify: false)`,
      why: "Whoever takes the server's place on the network is told the password, and can answer as the platform would.",
      mend: inFile(place, "verify: true", "ca: /PATH/TO/THE-AUTHORITY.pem # where the system does not know it"),
    },
  ];
}

/** A certificate is asked once an hour, and a mail that goes round takes its time. */
const longestDeadline = (type: string): Seconds => (type === "certificate" ? 30 : type === "roundtrip" ? 3_600 : 10);

/** `kinds`: what this Mailtide can probe. */
export function judgeRoundTrip(
  configured: readonly { readonly type: string; readonly id: string }[],
  kinds: readonly { readonly type: string }[],
  { domain, nodes }: { readonly domain: string; readonly nodes: readonly string[] },
): Finding[] {
  const isKind = (type: string): boolean => kinds.some((kind) => kind.type === type);
  if (!isKind("roundtrip")) return [];
  const found = configured.find(({ type }) => type === "roundtrip");
  if (found !== undefined) return [ok("round trip", `${found.id} sends mail and waits for it`)];
  return [
    {
      verdict: "missing",
      what: "round trip",
      says: "no dependency of the type roundtrip sends a mail and waits until it arrives",
      why: "Only a round trip sees what customers feel: mail that is accepted, logged as sent and still not there.",
      mend: inConfig(
        "dependencies: # and beside what is there; server/src/collect/dependency/roundtrip/README.md says more",
        "  - id: round-trip",
        "    type: roundtrip",
        "    host: 127.0.0.1 # where mail comes in; port: 25",
        `    to: mailtide-probe@${domain}`,
        "    listen: 127.0.0.1:2526 # where the mail system brings it back; or mailbox: { ... }, where it can be read",
        `    affects: [${nodes.join(", ")}]`,
        "# in main.cf of Postfix: transport_maps = regexp:/etc/postfix/mailtide-probe",
        `# in that file: /^mailtide-probe\\+[0-9a-f]{20}@${domain.replaceAll(".", "\\.")}$/ smtp:[127.0.0.1]:2526`,
      ),
    },
  ];
}
