import { localUrl } from "../../config/local-url.ts";
import { command, type Finding, inConfig, inFile, ok, shellWord } from "../finding.ts";
import type { Patient } from "../patient.ts";

type Settings = Pick<Patient["config"], "notify" | "server" | "auth">;

/** Whether anybody hears of trouble, and can open what the page links to. */
export async function paging({ config }: Patient): Promise<Finding[]> {
  return config.agent === undefined ? judgePaging(config) : [];
}

export function judgePaging({ notify, server, auth }: Settings): Finding[] {
  const findings: Finding[] = [];
  if (!notify.some(({ severities }) => severities.includes("page"))) {
    findings.push({
      verdict: "missing",
      what: "notify",
      says:
        notify.length === 0
          ? "nobody is paged: no notifier is configured"
          : "nobody is paged: no notifier takes the severity page",
      why: "Mailtide then only helps whoever happens to look at it.",
      mend: inConfig(
        "notify:",
        "  - { id: oncall, type: pagerduty, routingKey: { env: MAILTIDE_PAGERDUTY_KEY }, severities: [page] }",
      ),
    });
  }
  if (notify.length > 0 && !("deadman" in server)) {
    const url = shellWord(`${server.publicUrl ?? localUrl(server)}/readyz`);
    findings.push({
      verdict: "note",
      what: "notify",
      says: "who tells you when Mailtide itself is down stands outside of it",
      why: "A dead watcher pages nobody; let another system ask it once a minute and page when it does not answer 200.",
      mend: command(`curl --fail --silent --show-error --max-time 10 ${url}`),
    });
  }
  if (server.publicUrl === undefined) {
    findings.push({
      verdict: notify.length > 0 ? "missing" : "note",
      what: "server.publicUrl",
      says: "is not set",
      why: "A page at 03:00 then has no link to the incident.",
      mend: inFile("mailtide.yaml, in server", "publicUrl: https://mailtide.example.org"),
    });
  } else findings.push(ok("server.publicUrl", server.publicUrl));
  if (auth.tokens.length === 0 && auth.proxyHeader === undefined) {
    findings.push({
      verdict: "note",
      what: "auth",
      says: "nobody can sign in but by the one-time link that the start prints",
      why: "The wall needs a token that may read, deployments one that may tell of changes, on-call one that may acknowledge.",
      mend: inConfig(
        "auth:",
        "  tokens:",
        "    - { name: wall, secret: { env: MAILTIDE_WALL_TOKEN }, scopes: [read] } # openssl rand -hex 32",
        "    - { name: oncall, secret: { env: MAILTIDE_ONCALL_TOKEN }, scopes: [read, ack] }",
      ),
    });
  }
  return findings;
}
