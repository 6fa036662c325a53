import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { runCli } from "../../src/cli/index.ts";
import { parseConfig } from "../../src/config/read.ts";
import { judgeCopies, judgeExim } from "../../src/doctor/examine/exim.ts";
import { answers, startServer, tokens } from "../agent/running.ts";
import { startExim } from "../real/exim.ts";
import { startPostfix } from "../real/postfix.ts";
import { freePort, temporaryFolder } from "../real/process.ts";

const never = new AbortController().signal;
afterEach(() => void vi.restoreAllMocks());

/** Runs a command as a user does; what it printed and how it ended. */
async function run(...argv: string[]): Promise<{ readonly code: number; readonly text: string }> {
  const said: string[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((text: string) => void said.push(text));
  try {
    return { code: await runCli(argv, never), text: said.join("\n") };
  } finally {
    log.mockRestore();
  }
}

/** The finding about something, as it was printed, with its mend. */
function finding(text: string, about: RegExp): string {
  const found = text.split(/\n(?=(?:FAILS|missing|note|ok) {2,}|missing )|\n\n/).find((each) => about.test(each));
  if (found === undefined) throw new Error(`nothing said about ${about.source} in:\n${text}`);
  return found.replaceAll(/\s+/g, " ");
}

test("of a real Postfix doctor names what hides mail from Mailtide, with the line that mends it", async () => {
  const folder = temporaryFolder("doctor");
  onTestFinished(() => folder.remove());
  const table = join(folder.path, "users.cf");
  writeFileSync(table, "hosts = db.mailtide.test\nuser = mail\npassword = zzsecret\ndbname = mail\nquery = SELECT 1\n");
  const filterPort = await freePort();
  const postfix = await startPostfix({
    routes: { "own.test": await freePort() },
    settings: {
      enable_long_queue_ids: "no",
      content_filter: `smtp:[127.0.0.1]:${filterPort}`,
      // Postfix looks at it only when a recipient is checked, and none is.
      virtual_mailbox_maps: `pgsql:${table}`,
      smtpd_milters: "inet:127.0.0.1:11332",
      milter_default_action: "accept",
    },
  });
  try {
    const config = join(folder.path, "mailtide.yaml");
    const state = join(folder.path, "state");
    mkdirSync(state, { mode: 0o700 });
    const node = (more: string) => `version: 1
server: { port: ${serverPort}, state: ${JSON.stringify(state)} }
nodes:
  - id: mx1
    ownDomains: [other.test]
    ${more}
    collect:
      - { type: postfix-log, path: ${JSON.stringify(postfix.logPath)} }
      - { type: postfix-queue, command: ${JSON.stringify(postfix.listCommand)} }
`;
    const serverPort = await freePort();
    writeFileSync(config, node("ownHops: [192.0.2.0/24]"));
    const { code, text } = await run("doctor", "--config", config);
    expect(code, text).toBe(0);
    expect(finding(text, /short/)).toContain(`postconf -c ${postfix.configFolder} -e 'enable_long_queue_ids = yes'`);
    expect(finding(text, /^missing mx1 own hops/)).toContain(`ownHops: ["192.0.2.0/24", "127.0.0.1:${filterPort}"]`);
    expect(finding(text, /^missing mx1 pgsql tables/)).toMatch(
      /virtual_mailbox_maps asks pgsql at db\.mailtide\.test.*type: postgres/,
    );
    expect(finding(text, /^missing mx1 milters/)).toContain("type: filter, kind: rspamd");
    const filter = finding(text, /^missing mx1 content filter/);
    expect(filter).toContain(`127.0.0.1:${filterPort}`);
    expect(filter).toContain("type: filter, kind: smtp");
    expect(finding(text, /^missing mx1 own domains/)).toContain("ownDomains: [other.test, own.test]");
    expect(finding(text, /^missing mx1 spool/)).toContain("type: disk");
    expect(finding(text, /^ok +mx1\/postfix-log/)).toContain("answers");
    expect(text).not.toContain("zzsecret");
    expect(text.split("\n").at(-1)).toMatch(/^Nothing fails; \d+ would make Mailtide see more; \d+ notes?; \d+ ok\.$/);
    const order = text.split("\n").flatMap((line) => /^(missing|note|ok)\b/.exec(line)?.[1] ?? []);
    expect(order).toEqual([...order].sort());

    // Every wait would be hours wrong: that is no log that is well, for check neither.
    writeFileSync(config, node("timezone: Asia/Tokyo"));
    const zoned = await run("check", "--config", config);
    expect(zoned.code).toBe(1);
    expect(zoned.text).toMatch(/^FAILS +mx1\/postfix-log times: its times state no zone and are read as Asia\/Tokyo/m);
    writeFileSync(config, node("ownHops: [192.0.2.0/24]"));

    // What it says mends: pasted, these findings are gone.
    const { text: pasted } = await run("doctor", "--suggest", "--config", config);
    const mended = `${node(`ownHops: ["192.0.2.0/24", "127.0.0.1:${filterPort}"]`)}${pasted}\n`;
    expect(
      parseConfig(mended, "mended")
        .dependencies.map(({ type }) => type)
        .sort(),
    ).toEqual(["disk", "filter", "filter"]);
    writeFileSync(config, mended);
    const after = await run("doctor", "--config", config);
    expect(after.text).not.toMatch(/missing mx1 own hops/);
    expect(after.text).toMatch(/ok +mx1 spool/);
    expect(after.text).toMatch(/ok +mx1 milters/);
    expect(after.text).toMatch(/ok +mx1 content filter/);
    // Neither runs here: now that they are watched, that is said, and is a failure.
    expect(finding(after.text, /^FAILS +dependency content-filter/)).toContain("refused");
    expect(finding(after.text, /^FAILS +dependency rspamd/)).toContain("refused");
    expect(after.code).toBe(1);
  } finally {
    await postfix.stop();
  }
});

test("of two Postfix instances on one node doctor looks at both, and says of which it speaks", async () => {
  const folder = temporaryFolder("doctor-instances");
  onTestFinished(() => folder.remove());
  const routes = { "own.test": await freePort() };
  const out = await startPostfix({ routes, settings: { syslog_name: "postfix-out" } });
  onTestFinished(() => out.stop());
  const main = await startPostfix({ routes, settings: { multi_instance_directories: out.configFolder } });
  onTestFinished(() => main.stop());
  // The one that is there by default.
  vi.stubEnv("MAIL_CONFIG", main.configFolder);
  onTestFinished(() => void vi.unstubAllEnvs());
  const config = join(folder.path, "mailtide.yaml");
  writeFileSync(
    config,
    `version: 1
server: { port: ${await freePort()}, state: ${JSON.stringify(join(folder.path, "state"))} }
nodes:
  - id: mx1
    ownDomains: [own.test]
    collect:
      - { type: postfix-log, path: ${JSON.stringify(main.logPath)} }
      - { type: postfix-queue }
      - { type: postfix-queue, command: ${JSON.stringify(out.listCommand)} }
`,
  );
  const { text } = await run("doctor", "--config", config);
  expect(finding(text, /^missing mx1 postfix/)).toContain("run: postconf -e 'enable_long_queue_ids = yes'");
  expect(finding(text, /^missing mx1 \(.*\) postfix/)).toContain(`run: postconf -c ${out.configFolder} -e`);
  // It logs into a file of its own.
  const place = finding(text, /^missing mx1 \(.*\) log:/);
  expect(place).toContain(out.logPath);
  expect(place).toContain(`command: [postqueue, "-c", ${out.configFolder}, "-j"]`);
  expect(text).not.toMatch(/^missing mx1 log:/m);
  expect(finding(text, /mx1 spool/)).toContain(main.configFolder.replace(/etc$/, "spool"));
  // Two queues, two disks to look at, until one is known to be the other's.
  const { text: pasted } = await run("doctor", "--suggest", "--config", config);
  expect(parseConfig(`${readFileSync(config, "utf8")}${pasted}`, "pasted").dependencies.map(({ id }) => id)).toEqual([
    "spool-disk",
    "spool-disk-2",
  ]);
  // Each is collected.
  expect(text).not.toContain("multi_instance_directories");
});

test("doctor --suggest > mailtide.yaml writes one that is valid, though the shell makes the empty file first", async () => {
  const folder = temporaryFolder("doctor-suggest");
  onTestFinished(() => folder.remove());
  const made = join(folder.path, "mailtide.yaml");
  writeFileSync(made, "");
  vi.stubEnv("MAILTIDE_CONFIG", made);
  onTestFinished(() => void vi.unstubAllEnvs());
  const { code, text } = await run("doctor", "--suggest");
  expect(code).toBe(0);
  expect(parseConfig(text, "suggested").nodes.length).toBeGreaterThan(0);
});

test("check and doctor of an agent ask the real server, which hears no facts and takes note of nothing", async () => {
  const folder = temporaryFolder("doctor-agent");
  onTestFinished(() => folder.remove());
  process.env["AGENT_TOKEN"] = tokens.agent;
  process.env["WRONG_TOKEN"] = "not-a-token-0123456789abcdef";
  onTestFinished(() => {
    delete process.env["AGENT_TOKEN"];
    delete process.env["WRONG_TOKEN"];
  });
  const port = await freePort();
  const log = join(folder.path, "mail.log");
  writeFileSync(log, "");
  const config = join(folder.path, "agent.yaml");
  const write = ({ node = "mx2", token = "AGENT_TOKEN" } = {}) =>
    writeFileSync(
      config,
      `version: 1
agent: { server: "http://127.0.0.1:${port}", token: { env: ${token} }, spool: { path: ${JSON.stringify(join(folder.path, "spool"))}, max: 16MiB } }
nodes: [{ id: ${node}, collect: [{ type: postfix-log, path: ${JSON.stringify(log)} }] }]
`,
    );
  write();
  const away = await run("check", "--config", config);
  expect(away.code).toBe(1);
  expect(finding(away.text, /^FAILS +server/)).toMatch(/ECONNREFUSED/);

  const server = startServer({ folder: folder.path, serverPort: port, agentPort: port });
  try {
    await answers(port);
    for (const command of ["check", "doctor"]) {
      const { code, text } = await run(command, "--config", config);
      expect(code, text).toBe(0);
      expect(text).toMatch(/ok +server http:\/\/127\.0\.0\.1:\d+: answers, and takes this token for mx2/);
      expect(text).toMatch(/ok +spool .*: writable, with room for its 16 MiB/);
      expect(text).not.toMatch(/nobody is paged/);
      // By the name that its file has, and no other host's.
      if (command === "doctor") expect(text).toMatch(/-> in agent\.yaml, in the node mx2:/);
    }
    write({ node: "mx3" });
    const other = await run("doctor", "--config", config);
    expect(other.code).toBe(1);
    expect(finding(other.text, /^FAILS +server/)).toContain(
      "its token is of the node mx2, and this agent is configured as mx3",
    );
    write({ token: "WRONG_TOKEN" });
    const stranger = await run("check", "--config", config);
    expect(stranger.code).toBe(1);
    expect(finding(stranger.text, /^FAILS +server/)).toContain("does not know this token");
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(metrics).not.toMatch(/^mailtide_agent_(?:requests_refused_total|spool_bytes)\{/m);
  } finally {
    await server.stop();
  }
});

test("a real Exim's own settings are understood as it prints them", async () => {
  const exim = await startExim({ nextHopPort: await freePort(), settings: "syslog_duplication = false" });
  try {
    const printed = exim.exim("-bP", "log_selector", "log_timezone", "spool_directory", "syslog_duplication");
    expect(printed).toMatch(/^spool_directory = \/.*\/spool$/m);
    const [found] = judgeExim("mx1 exim", printed);
    expect(found?.says).toBe("log_selector leaves out deliver_time, incoming_port; log_timezone is off");
    expect(found?.mend?.lines).toEqual([
      "log_selector = +received_recipients +queue_time_overall +deliver_time +incoming_port",
      "log_timezone = true",
    ]);
    expect(judgeCopies("mx1 exim", `${printed}log_file_path = syslog\n`)).toHaveLength(1);
  } finally {
    await exim.stop();
  }
});
