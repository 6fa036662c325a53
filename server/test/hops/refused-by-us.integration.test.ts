// Mail is put off at the door because something of ours is away: what the log of a real Postfix says of it is counted as that.
import { readFileSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { Sources } from "../../src/core/sources/sources.ts";
import { observationsOf } from "../index/indexed.ts";
import { startPostfix } from "../real/postfix.ts";
import { freePort, until } from "../real/process.ts";
import { handOver, speakSmtp } from "../real/smtp-client.ts";

const offered = 6;
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of closing.splice(0)) await stop();
});

const dead = await freePort();

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
])("%s", { timeout: 120_000 }, async (_, settings, fault) => {
  const postfix = await startPostfix({ routes: {}, settings });
  closing.push(() => postfix.stop());
  for (let at = 0; at < offered; at++)
    await speakSmtp(postfix.smtpPort, handOver(`a${at}@far.test`, ["b@own.test"], "Subject: x\r\n\r\nhello"));
  const refusals = (): string[] =>
    readFileSync(postfix.logPath, "utf8")
      .split("\n")
      .filter((line) => /: (?:milter-)?reject: /.test(line));
  await until("all refusals to be logged", () => refusals().length >= offered);

  const sources = new Sources();
  const observations = observationsOf({ node: "mx", mta: "postfix", lines: refusals(), here: true });
  for (const observation of observations) sources.apply(observation);
  const { refusedByUs = null } = sources.section((observations.at(-1)?.atMs ?? 0) + 2_000).whole();
  expect(refusedByUs).toEqual(fault === null ? null : { count: offered, share: 1, fault, node: "mx" });
});
