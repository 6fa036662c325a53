import { readFileSync, writeFileSync } from "node:fs";
import { startPostfix } from "../real/postfix.ts";
import { freePort, temporaryFolder, until } from "../real/process.ts";
import { handOver, speakSmtp } from "../real/smtp-client.ts";
import { startSmtpServer, type TakenMessage } from "../real/smtp-server.ts";
import { steadyMs } from "../steady-clock.ts";
import { arrivals, domainOf, farSides, refusedClient, type Arrival } from "./arrivals.ts";

export interface RealRun {
  readonly count: number;
  readonly backoffSeconds: { readonly least: number; readonly most: number };
  readonly runDelaySeconds: number;
  readonly lastsMs: number;
}

const parallel = 8;

/** What a machine that stands still for longer does to a real Postfix says nothing about Postfix. */
const mostStillMs = 500;
const mostRuns = 4;

/**
 * Sends the arrivals through a real Postfix with a filter and far sides of our own; the lines of its log. Once more, up to
 * three times, when the machine stood still meanwhile.
 */
export async function realLines(run: RealRun): Promise<string[]> {
  for (let runs = 1; ; runs += 1) {
    const [beganMs, beganSteadyMs] = [performance.now(), steadyMs()];
    const lines = await oneRun(run);
    const stillMs = performance.now() - beganMs - (steadyMs() - beganSteadyMs);
    if (stillMs < mostStillMs || runs === mostRuns) return lines;
    console.log(`the machine stood still for ${Math.round(stillMs)} ms: measured again`);
  }
}

async function oneRun({ count, backoffSeconds, runDelaySeconds, lastsMs }: RealRun): Promise<string[]> {
  const mails = [...arrivals(count)];
  const [closedPort, innerPort, brokenPort] = [await freePort(), await freePort(), await freePort()];
  const far = await startSmtpServer({ recipient: farSideAnswers() });
  const filter = await startSmtpServer({ message: filterAnswers(mails, innerPort) });
  const folder = temporaryFolder("fidelity");
  const known = `${folder.path}/recipients`;
  const wanted = new Set(
    mails.filter(({ refuse }) => refuse !== "unknown-user").flatMap(({ to, from }) => [...to, from]),
  );
  writeFileSync(known, [...wanted].map((address) => `${address} x\n`).join(""));
  const postfix = await startPostfix({
    routes: Object.fromEntries(farSides.map((side) => [domainOf(side), side === "closed" ? closedPort : far.port])),
    minimalBackoffSeconds: backoffSeconds.least,
    maximalBackoffSeconds: backoffSeconds.most,
    queueRunDelaySeconds: runDelaySeconds,
    settings: {
      content_filter: `scan:[127.0.0.1]:${filter.port}`,
      enable_long_queue_ids: "yes",
      relay_recipient_maps: `texthash:${known}`,
      smtpd_recipient_restrictions: `check_client_access inline:{{${refusedClient}=REJECT}}, permit`,
    },
    services: [
      "scan unix - - n - 4 smtp -o smtp_send_xforward_command=yes",
      `127.0.0.1:${innerPort} inet n - n - - smtpd -o content_filter= -o smtpd_authorized_xforward_hosts=127.0.0.0/8`,
      `127.0.0.1:${brokenPort} inet n - n - - smtpd -o smtpd_upstream_proxy_protocol=haproxy -o relay_recipient_maps=tcp:127.0.0.1:${closedPort}`,
    ],
  });
  const send = ({ refuse, from, to, clientIp }: Arrival) => {
    const port = refuse === "look-up" ? brokenPort : postfix.proxyPort;
    const text = `From: <${from}>\r\nMessage-Id: <${to[0] ?? ""}>\r\n\r\nbody`;
    return speakSmtp(port, handOver(from, to, text), `PROXY TCP4 ${clientIp} 127.0.0.1 40000 25\r\n`);
  };
  const endMs = Date.now() + lastsMs;
  try {
    const source = mails[Symbol.iterator]();
    const worker = async () => {
      for (const mail of source) await send(mail);
    };
    await Promise.all(Array.from({ length: parallel }, worker));
    await until("the retries", () => Date.now() > endMs);
    return readFileSync(postfix.logPath, "utf8").split("\n");
  } finally {
    await postfix.stop();
    await far.stop();
    await filter.stop();
    folder.remove();
  }
}

/** Answers of the far sides by domain; a greylisting one puts every fourth off, once. */
function farSideAnswers(): (address: string) => string {
  const seen = new Set<string>();
  return (address) => {
    const side = address.slice(address.indexOf("@") + 1).replace(".test", "");
    const isFirst = !seen.has(address);
    seen.add(address);
    if (side === "grey" && isFirst && Number(/\d+/.exec(address)?.[0]) % 4 === 0)
      return `450 4.2.0 <${address}>: Recipient address rejected: Greylisted`;
    if (side === "full") return `452 4.2.2 <${address}>: Recipient address rejected: mailbox full`;
    if (side === "throttled") return `450 4.7.1 <${address}>: Recipient address rejected: rate limited`;
    return "250 2.1.5 Ok";
  };
}

/** Hands clean mail back with the client that XFORWARD told. */
function filterAnswers(mails: readonly Arrival[], innerPort: number): (message: TakenMessage) => Promise<string> {
  const bySender = new Map(mails.map((mail) => [mail.from, mail]));
  const gaveUp = new Set<string>();
  return async ({ from, to, text, forwarded }) => {
    const verdict = bySender.get(from)?.filter ?? "clean";
    if (verdict === "hostile") return "554 5.7.0 Reject, INFECTED: JS.Downloader";
    if (verdict === "gave up" && !gaveUp.has(from)) {
      gaveUp.add(from);
      return "451 4.5.0 Error in processing, look-up timed out";
    }
    const answers = await speakSmtp(innerPort, handOver(from, to, text, forwarded));
    return answers.at(-2) ?? "451 4.5.0 no answer";
  };
}
