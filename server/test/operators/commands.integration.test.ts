// What alerts tell an operator to type is typed here, at the real MTA: it shows what waits, and tries again what it says.
import { nodeId } from "@mailtide/shared";
import { afterEach, expect, test } from "vitest";
import { commandsAt, type OperatorCommands, operatorCommands } from "../../src/core/detect/operator-commands.ts";
import { startExim } from "../real/exim.ts";
import { startHaraka } from "../real/haraka.ts";
import { startJournald } from "../real/journald.ts";
import { startOpensmtpd } from "../real/opensmtpd.ts";
import { startPostfix } from "../real/postfix.ts";
import { said, until } from "../real/process.ts";
import { startSendmail } from "../real/sendmail.ts";
import { handOver, speakSmtp } from "../real/smtp-client.ts";
import { startSmtpServer } from "../real/smtp-server.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of closing.splice(0).toReversed()) await stop();
});

/** The far side: it puts everything off, notes whom it was asked for, and takes mail once it is open. */
async function farSide() {
  const asked: string[] = [];
  const state = { isOpen: false };
  const server = await startSmtpServer({
    recipient: (address) => {
      asked.push(address);
      return state.isOpen ? "250 2.1.5 ok" : "451 4.3.0 not now";
    },
  });
  closing.push(() => server.stop());
  return { port: server.port, asked, open: () => void (state.isOpen = true) };
}

const recipients = ["a@far.example", "b@FAR.example", "c@other.example", "d@notfar.example"];

interface Mta {
  readonly smtpPort: number;
  /** What a shell prints for the command line, typed where this MTA runs. */
  readonly shell: (line: string) => Promise<string>;
  /** The whole queue. */
  readonly list: () => Promise<string> | string;
}

/** Mail for three domains is put off; then one domain is tried again, then some, then all. */
async function triesAgain(
  commands: OperatorCommands,
  far: Awaited<ReturnType<typeof farSide>>,
  mta: Mta,
): Promise<void> {
  const { asked } = far;
  for (const to of recipients)
    await speakSmtp(mta.smtpPort, handOver("s@sender.example", [to], "Subject: x\r\n\r\nhello"));
  const waits = async (...names: string[]): Promise<boolean> => {
    const list = (await mta.list()).toLowerCase();
    return recipients.every((to) => list.includes(to.toLowerCase()) === names.includes(to.slice(0, 1)));
  };
  await until("all to be put off", async () => asked.length >= recipients.length && (await waits("a", "b", "c", "d")));

  const shown = (await mta.shell(commands.showQueue)).toLowerCase();
  for (const domain of ["far.example", "other.example"]) expect(shown).toContain(domain);
  expect((await mta.shell(commands.check ?? "false")).trim()).not.toBe("");

  asked.length = 0;
  await mta.shell(commands.flushStaged?.(1) ?? "false");
  await until("one to be tried again", () => asked.length > 0);
  await until("all to wait again", () => waits("a", "b", "c", "d"));
  expect(asked).toHaveLength(1);

  far.open();
  await mta.shell(commands.flushDestination?.("far.example") ?? "false");
  await until("those of one domain to leave", () => waits("c", "d"));
  expect(asked.slice(1).every((to) => /@far\.example$/i.test(to))).toBe(true);

  await mta.shell(commands.flushStaged?.(1_000) ?? "false");
  await until("all to leave", () => waits());
}

const shell = (line: string): Promise<string> => said("sh", ["-c", line]);

test("Postfix", { timeout: 120_000 }, async () => {
  const far = await farSide();
  const routes = Object.fromEntries(["far", "other", "notfar"].map((domain) => [`${domain}.example`, far.port]));
  const postfix = await startPostfix({ routes, minimalBackoffSeconds: 3_600, maximalBackoffSeconds: 7_200 });
  closing.push(() => postfix.stop());
  const commands = commandsAt({ node: nodeId("mx1"), mta: "postfix", postfixFolders: [postfix.configFolder] });
  const list = (): Promise<string> => shell(`postqueue -c ${postfix.configFolder} -p`);
  await triesAgain(commands, far, { ...postfix, shell, list });
  expect(await shell(commands.showRestrictions ?? "false")).toMatch(/_restrictions/);
});

test(
  "two instances of Postfix on one host, the default one among them: what waits in each is shown and tried again",
  {
    timeout: 120_000,
  },
  async () => {
    const far = await farSide();
    const routes = { "far.example": far.port };
    const start = async (settings: Record<string, string>) => {
      const postfix = await startPostfix({
        routes,
        minimalBackoffSeconds: 3_600,
        maximalBackoffSeconds: 7_200,
        settings,
      });
      closing.push(() => postfix.stop());
      return postfix;
    };
    const out = await start({ syslog_name: "postfix-out" });
    const main = await start({ multi_instance_directories: out.configFolder });
    const commands = commandsAt({ node: nodeId("mx1"), mta: "postfix", postfixFolders: [null, out.configFolder] });
    // As in the shell of somebody who logs in where the main instance is the default one.
    const typed = (line: string): Promise<string> => shell(`export MAIL_CONFIG=${main.configFolder}; ${line}`);
    const [first, second] = ["main@far.example", "out@far.example"] as const;
    await speakSmtp(main.smtpPort, handOver("s@sender.example", [first], "Subject: x\r\n\r\nhello"));
    await speakSmtp(out.smtpPort, handOver("s@sender.example", [second], "Subject: x\r\n\r\nhello"));
    await until("both to be put off", () => far.asked.length === 2);
    await until("both to be shown", async () => {
      const shown = await typed(commands.showQueue);
      return [first, second, `== ${main.configFolder}`, `== ${out.configFolder}`].every((text) => shown.includes(text));
    });
    // What is typed afterwards in the same shell speaks to the default instance again.
    expect(await typed(`${commands.showQueue} > /dev/null; postqueue -p`)).not.toContain(second);
    const alone = commandsAt({ node: nodeId("mx1"), mta: "postfix", postfixFolders: [out.configFolder] });
    expect(await typed(alone.showQueue)).not.toContain(first);
    expect(await typed(`${alone.showQueue} > /dev/null; postqueue -p`)).not.toContain(second);

    far.open();
    await typed(commands.flushDestination?.("far.example") ?? "false");
    await until("both to leave", () => main.queue().length + out.queue().length === 0);
  },
);

test("Exim", { timeout: 120_000 }, async () => {
  const far = await farSide();
  const exim = await startExim({ nextHopPort: far.port, retry: "1h", messagesPerConnection: 1 });
  closing.push(() => exim.stop());
  await triesAgain(operatorCommands("exim"), far, { ...exim, list: () => exim.exim("-bp") });
  expect(await exim.shell(operatorCommands("exim").showRestrictions ?? "false")).toContain(
    "acl_smtp_rcpt = check_rcpt",
  );
});

test("OpenSMTPD", { timeout: 120_000 }, async () => {
  const far = await farSide();
  const opensmtpd = await startOpensmtpd({ nextHopPort: far.port });
  closing.push(() => opensmtpd.stop());
  await triesAgain(operatorCommands("opensmtpd"), far, {
    ...opensmtpd,
    list: () => opensmtpd.smtpctl("show", "queue"),
  });
});

test("Sendmail", { timeout: 120_000 }, async () => {
  const far = await farSide();
  const journal = await startJournald();
  closing.push(() => journal.stop());
  const sendmail = await startSendmail({ journal, nextHopPort: far.port, deadPort: far.port, queueRun: "1h" });
  closing.push(() => sendmail.stop());
  await triesAgain(operatorCommands("sendmail"), far, { ...sendmail, list: () => sendmail.operate("-bp") });
});

test("Haraka shows what waits", { timeout: 120_000 }, async () => {
  const far = await farSide();
  const haraka = await startHaraka("default", far.port, "", "1h");
  closing.push(() => haraka.stop());
  const [program, ...args] = haraka.command();
  const commands = operatorCommands("haraka");
  // Its folder is where it was installed to.
  const typed = (line: string): Promise<string> =>
    said("sh", ["-c", line.replace("haraka -c /etc/haraka", '"$@"'), "sh", program, ...args]);
  await speakSmtp(haraka.port, handOver("s@sender.example", ["a@far.example"], "Subject: x\r\n\r\nhello"));
  await until("it to be put off", () => far.asked.length > 0);
  await until("it to be listed", async () => (await typed(commands.showQueue)).includes("far.example"));
  expect((await typed(commands.check ?? "false")).trim()).not.toBe("");
});
