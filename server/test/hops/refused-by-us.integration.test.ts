// Mail is put off at the door because something of ours is away: what the log of a real MTA says of it is counted as that.
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { Sources } from "../../src/core/sources/sources.ts";
import { observationsOf } from "../index/indexed.ts";
import { startExim } from "../real/exim.ts";
import { startHaraka } from "../real/haraka.ts";
import { startPostfix } from "../real/postfix.ts";
import { freePort, temporaryFolder, until } from "../real/process.ts";
import { handOver, speakSmtp } from "../real/smtp-client.ts";

const offered = 6;
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of closing.splice(0)) await stop();
});

const dead = await freePort();

/** Says of every recipient what a plugin would. */
const hook = (body: string): string => `exports.hook_rcpt = (next) => { ${body} };`;

/** What is counted of the lines as of two seconds after the last. */
function refusedIn(mta: string, lines: string[]): unknown {
  const sources = new Sources();
  const observations = observationsOf({ node: "mx", mta, lines, here: true });
  for (const observation of observations) sources.apply(observation);
  return sources.section((observations.at(-1)?.atMs ?? 0) + 2_000).whole().refusedByUs ?? null;
}
const counted = (fault: string | null): unknown =>
  fault === null ? null : { count: offered, share: 1, fault, node: "mx" };

test.each([
  ["a milter is away", { smtpd_milters: `inet:127.0.0.1:${dead}`, milter_default_action: "tempfail" }, "filter"],
  ["a table cannot be asked", { relay_domains: "own.test", relay_recipient_maps: "hash:/nowhere/table" }, "lookup"],
  [
    "it is set up wrongly",
    { smtpd_recipient_restrictions: "check_recipient_access hash:/nowhere/table, permit_mynetworks, reject" },
    "resources",
  ],
  [
    "we refuse on purpose",
    { smtpd_recipient_restrictions: "check_recipient_access static:{450 4.7.1 later}, reject" },
    null,
  ],
])("Postfix: %s", { timeout: 120_000 }, async (_, settings, fault) => {
  const postfix = await startPostfix({ routes: {}, settings });
  closing.push(() => postfix.stop());
  for (let at = 0; at < offered; at++)
    await speakSmtp(postfix.smtpPort, handOver(`a${at}@far.test`, ["b@own.test"], "Subject: x\r\n\r\nhello"));
  const refusals = (): string[] =>
    readFileSync(postfix.logPath, "utf8")
      .split("\n")
      .filter((line) => /: (?:milter-)?reject: /.test(line));
  await until("all refusals to be logged", () => refusals().length >= offered);

  expect(refusedIn("postfix", refusals())).toEqual(counted(fault));
});

test.each([
  ["a file is not there", "deny condition = ${lookup{x}lsearch{/nowhere/table}{yes}{no}}\naccept\n", "", "resources"],
  ["it is set up wrongly", "deny condition = maybe\naccept\n", "", "resources"],
  ["an ACL asks what it cannot know there", "require verify = recipient\naccept\n", "", "resources"],
  ["there is no room", "accept\n", "check_spool_space = 900000G\n", "resources"],
  ["we refuse on purpose", "defer message = come back later\n", "", null],
])("Exim: %s", { timeout: 120_000 }, async (_, acl, settings, fault) => {
  const folder = temporaryFolder("refusing");
  closing.push(async () => folder.remove());
  // Exim reads it as its own user.
  chmodSync(folder.path, 0o755);
  const file = join(folder.path, "acl");
  writeFileSync(file, acl);
  const exim = await startExim({ nextHopPort: dead, settings: `acl_smtp_mail = ${file}\n${settings}` });
  closing.push(() => exim.stop());
  for (let at = 0; at < offered; at++)
    await speakSmtp(exim.smtpPort, handOver(`a${at}@far.test`, ["b@own.test"], "Subject: x\r\n\r\nhello"));
  const refusals = (): string[] =>
    readFileSync(exim.logPath, "utf8")
      .split("\n")
      .filter((line) => / temporarily rejected | space check failed: /.test(line));
  await until("all refusals to be logged", () => refusals().length >= offered);
  expect(refusedIn("exim", refusals())).toEqual(counted(fault));
});

test.each([
  ["a plugin does not answer", hook(""), "filter"],
  ["a plugin says that a look-up failed", hook("next(DENYSOFT, 'Temporary lookup failure')"), "lookup"],
  ["we refuse on purpose", hook("next(DENYSOFT, 'Greylisted')"), null],
])("Haraka: %s", { timeout: 120_000 }, async (_, plugin, fault) => {
  const haraka = await startHaraka("default", dead, "", "1h", { asked: plugin });
  closing.push(() => haraka.stop());
  for (let at = 0; at < offered; at++)
    await speakSmtp(haraka.port, handOver(`a${at}@far.test`, ["b@own.test"], "Subject: x\r\n\r\nhello"));
  // What it prints while it starts bears no time.
  const lines = (): string[] =>
    readFileSync(haraka.logPath, "utf8")
      .split("\n")
      .filter((line) => /^\d/.test(line));
  await until("all refusals to be logged", () => lines().filter((line) => line.includes("lr=")).length >= offered);
  expect(refusedIn("haraka", lines())).toEqual(counted(fault));
});
