import { expect, test } from "vitest";
import { parseConfig } from "../../config/read.ts";
import { logTail } from "../log-tail.ts";
import { judgeClock } from "./clock.ts";
import { judgeNode } from "./coverage.ts";
import { judgeDependency, judgeRoundTrip } from "./dependencies.ts";
import { judgeCopies, judgeDated, judgeExim, judgeProcess } from "./exim.ts";
import { judgeFront } from "./front.ts";
import { judgeTimes } from "./log-times.ts";
import { judgeLoggers } from "./logger-limits.ts";
import { judgePaging } from "./paging.ts";
import { isMeant, parseRules } from "./logrotate.ts";
import { judgeRotation } from "./rotation.ts";
import { judgeServer } from "./running-server.ts";
import { judgeSpools } from "./spool-disk.ts";
import { judgeState } from "./state-folder.ts";
import { judgeRoot } from "./user.ts";

const nowMs = Date.UTC(2026, 6, 1, 12, 0, 0);
const file = { node: "mx1", type: "postfix-log", path: "/var/log/mail.log", zone: "UTC" };
const around = { isOwnFile: false, hostZone: "Europe/Berlin", nowMs };
const tail = (text: string, changedAtMs = nowMs) => logTail(file, text.length, changedAtMs, text);
const line = (time: string) =>
  `${time} mx postfix/qmgr[1]: 4fG0Z00Jz5z1: from=<a@example.org>, size=1, nrcpt=1 (queue active)\n`;

test("times: whole, without zone, in the wrong zone, silent, and of another program", () => {
  expect(judgeTimes(tail(line("2026-07-01T14:00:00.000+02:00")), around)[0]?.verdict).toBe("ok");
  expect(judgeTimes(tail(line("Jul  1 11:59:58")), around)[0]).toMatchObject({
    verdict: "note",
    mend: { lines: ["mail.*  -/var/log/mail.log;RSYSLOG_FileFormat"] },
  });
  expect(judgeTimes(tail(line("Jul  1 13:59:58")), around)[0]).toMatchObject({
    verdict: "FAILS",
    mend: { lines: ["timezone: Europe/Berlin"] },
  });
  expect(judgeTimes(tail(line("Jul  1 11:59:58"), nowMs - 86_400_000), around)[0]?.says).toMatch(
    /was last written .* ago/,
  );
  expect(judgeTimes(tail(""), around)[0]?.says).toMatch(/is empty/);
  const other = "2026-07-01T12:00:00Z mx cron[1]: (root) CMD (true)\n".repeat(30);
  expect(judgeTimes(tail(other), around)[0]).toMatchObject({ verdict: "missing" });
  const quiet = Array.from({ length: 30 }, (_, n) => `2026-07-01 11:59:${10 + n} [${n}] Start queue run: pid=${n}\n`);
  const exim = logTail({ ...file, type: "exim-log" }, 1, nowMs, quiet.join(""));
  expect(judgeTimes(exim, around)).toMatchObject([{ verdict: "note", says: expect.stringContaining("itself") }]);
  const anvil = "Jul  1 11:59:58 mx postfix/anvil[7]: statistics: max cache size 3 at Jul  1 11:50:00\n";
  expect(judgeTimes(tail(anvil.repeat(30)), around)).toMatchObject([{ verdict: "note" }]);
});

const seenFrom = (ips: readonly string[]) =>
  judgeFront(tail(ips.map((ip) => `2026-07-01T12:00:00Z mx postfix/smtpd[1]: connect from unknown[${ip}]\n`).join("")));

test("one private address for everybody is a balancer; many, or few lines, are none", () => {
  const many = Array.from({ length: 60 }, (_, at) => `192.0.2.${at}`);
  expect(seenFrom(many.map(() => "10.0.0.9"))[0]).toMatchObject({ verdict: "missing" });
  expect(seenFrom(many.map(() => "10.0.0.9"))[0]?.mend?.lines.join("\n")).toMatch(
    /smtpd_upstream_proxy_protocol[^]*smtpd_authorized_xforward_hosts = 10\.0\.0\.9/,
  );
  expect(seenFrom(many)[0]?.verdict).toBe("ok");
  expect(seenFrom(["10.0.0.9"])).toEqual([]);
});

const debian = `/var/log/syslog
/var/log/mail.log
{
	rotate 4
	weekly
	compress
	delaycompress
	postrotate
		/usr/lib/rsyslog/rsyslog-rotate { x }
	endscript
}
"/srv/log/*.log" { copytruncate
 compress }
`;

test("rotation that can lose lines", () => {
  const rules = parseRules("/etc/logrotate.d/rsyslog", debian);
  expect(rules.map(({ patterns }) => patterns)).toEqual([["/var/log/syslog", "/var/log/mail.log"], ["/srv/log/*.log"]]);
  expect(judgeRotation("x", "/var/log/mail.log", 1, rules)[0]?.verdict).toBe("ok");
  expect(judgeRotation("x", "/srv/log/mail.log", 1, rules).map(({ says }) => says)).toEqual([
    expect.stringContaining("copytruncate"),
  ]);
  expect(judgeRotation("x", "/elsewhere/mail.log", 1, rules)).toEqual([]);
  const moved = parseRules("/etc/logrotate.d/mail", "/var/log/mail.log {\n  olddir old\n}\n");
  expect(judgeRotation("x", "/var/log/mail.log", 1, moved)[0]).toMatchObject({
    verdict: "missing",
    says: "/etc/logrotate.d/mail rotates /var/log/mail.log into /var/log/old (olddir), where Mailtide does not look",
    mend: { lines: ["olddir: /var/log/old # beside path: /var/log/mail.log"] },
  });
  for (const olddir of ["old", "/var/log/old/"])
    expect(judgeRotation("x", "/var/log/mail.log", 1, moved, olddir)[0]?.verdict).toBe("ok");
  expect(judgeRotation("x", "/elsewhere/mail.log", 5 * 2 ** 30, rules)[0]?.verdict).toBe("note");
});

test("logrotate's configuration: where braces stand, scripts that hold some, and files that are none", () => {
  const odd = `/a.log /b.log
/c.log
{
  weekly
  postrotate
    if true; then { echo /no.log { }; }; fi
  endscript
  olddir "old"
}
# /no.log {
/d.log { daily }
/e.log {
  compress`;
  const rules = parseRules("f", odd);
  expect(rules.map(({ patterns, directives }) => [patterns, directives])).toEqual([
    [
      ["/a.log", "/b.log", "/c.log"],
      ["weekly", "olddir"],
    ],
    [["/d.log"], ["daily"]],
  ]);
  expect(rules[0]?.olddir).toBe("old");
  // Names without end cost their length.
  expect(parseRules("f", "/x y\n".repeat(100_000))).toEqual([]);
  expect(parseRules("f", "/x {\n".repeat(100_000))).toEqual([]);
});

test("names with stars mean no slash, and many stars take no longer", () => {
  expect(
    ["/var/log/mail.log", "/var/log/old/mail.log", "/var/log/.log"].map((path) => isMeant("/var/log/*.log", path)),
  ).toEqual([true, false, true]);
  expect(isMeant("/var/log/mai?.l*g*", "/var/log/mail.log")).toBe(true);
  expect(isMeant("/var/log/mail.log?", "/var/log/mail.log")).toBe(false);
  expect(isMeant(`/${"*a".repeat(500)}b`, `/${"a".repeat(5_000)}`)).toBe(false);
});

const limited = (journald: string | null, rsyslog = "") =>
  judgeLoggers({ journald, rsyslog }).map(({ verdict }) => verdict);

test("loggers that throw lines away", () => {
  expect(limited("")).toEqual(["missing"]);
  expect(limited("[Journal]\nRateLimitIntervalSec=30s\n[Journal]\nRateLimitIntervalSec=0\n")).toEqual(["ok"]);
  expect(limited("#RateLimitIntervalSec=0\n")).toEqual(["missing"]);
  expect(limited(null, 'module(load="imuxsock")')).toEqual([]);
  expect(limited(null, 'module(load="imuxsock" SysSock.RateLimit.Interval="5")')).toEqual(["missing"]);
  expect(limited(null, "$SystemLogRateLimitInterval 2")).toEqual(["missing"]);
  expect(limited(null, 'module(load="imjournal" StateFile="x")')).toEqual(["missing"]);
  expect(limited(null, 'module(load="imjournal" Ratelimit.Interval="0")')).toEqual([]);
});

test("the clock, of systemd or of chrony", () => {
  expect(
    [judgeClock("yes", null), judgeClock("no", "Normal"), judgeClock("no", null), judgeClock(null, null)].map(
      ({ verdict }) => verdict,
    ),
  ).toEqual(["ok", "ok", "missing", "note"]);
});

test("Exim: selectors that are off, also after -all", () => {
  const all = "log_selector = +all\nlog_timezone\n";
  expect(judgeExim("x", all)[0]?.verdict).toBe("ok");
  const [some] = judgeExim("x", "log_selector = +all -deliver_time\nno_log_timezone\n");
  expect(some?.mend?.lines).toEqual(["log_selector = +all -deliver_time +deliver_time", "log_timezone = true"]);
  expect(judgeExim("x", "log_selector = \nno_log_timezone\n")[0]?.mend?.lines[0]).toBe(
    "log_selector = +received_recipients +queue_time_overall +deliver_time +incoming_port",
  );
});

const judged = (...lines: string[]) => judgeCopies("x", lines.join("\n")).map(({ mend }) => mend?.lines[0]);

test("Exim: copies that it leaves out, where lines do not say of which log they are", () => {
  expect(judged("log_file_path = syslog", "no_syslog_duplication")).toEqual(["syslog_duplication = true"]);
  expect(judged("log_file_path = : syslog", "no_syslog_duplication")).toHaveLength(1);
  expect(judged("log_file_path = syslog", "syslog_duplication")).toEqual([]);
  expect(judged("log_file_path = /var/log/syslog-exim/%slog", "no_syslog_duplication")).toEqual([]);
});

const undated = (path: string) => judgeDated("x", `log_file_path = ${path}\n`).map(({ mend }) => mend?.lines[0]);

test("Exim: a log of another name each day is followed for one day only", () => {
  for (const path of [
    "/var/log/exim/%slog-%D",
    "/var/log/exim/%slog.%M",
    "syslog : /var/log/exim/%slog-%D",
    "/var/log/exim/mainlog-20261201",
  ])
    expect(undated(path), path).toEqual(["log_file_path = /var/log/exim/%slog"]);
  for (const path of ["/var/log/exim4/%slog", "syslog", "", "/srv/20261201/log/%slog"])
    expect(undated(path), path).toEqual([]);
});

const ofProcess = (...lines: string[]) => judgeProcess("x", lines.join("\n")).map(({ mend }) => mend?.lines[0]);

test("Exim: lines of syslog's that name no process", () => {
  expect(ofProcess("log_file_path = syslog", "no_syslog_pid")).toEqual(["syslog_pid = true"]);
  expect(ofProcess("log_file_path = syslog", "syslog_pid")).toEqual([]);
  expect(ofProcess("log_file_path = /var/log/exim4/%slog", "no_syslog_pid")).toEqual([]);
});

const watchedBy = (collect: string) => {
  const [node] = parseConfig(`version: 1\nnodes: [{ id: mx1, collect: [${collect}] }]`, "test").nodes;
  if (node === undefined) throw new Error("no node");
  return judgeNode(node).map(({ verdict, says }) => `${verdict} ${says}`);
};

test("what a node is watched by", () => {
  expect(watchedBy("")).toEqual(["missing nothing at all"]);
  expect(watchedBy("{ type: postfix-queue }")).toEqual(["missing the queue but no log"]);
  expect(watchedBy("{ type: exim-log, path: /x }")).toEqual(["missing the log but no queue listing"]);
  expect(watchedBy("{ type: postfix-log, path: /x }, { type: postfix-queue }")).toEqual([
    "ok postfix-log, postfix-queue",
    expect.stringMatching(/^note .*policy/),
  ]);
  expect(watchedBy("{ type: agent }")).toEqual([]);
});

test("a listing here would be of another host than the one that sends its log", () => {
  const [node] = parseConfig(
    "version: 1\nsyslog: { udp: '127.0.0.1:5514' }\nnodes: [{ id: mx1, collect: [{ type: exim-log, syslog: { address: [10.0.0.5] } }] }]",
    "test",
  ).nodes;
  const found = node === undefined ? [] : judgeNode(node);
  expect(found.map(({ says }) => says)).toEqual(["the log by syslog, and no queue listing"]);
  expect(found[0]?.mend?.lines.join()).toContain("{ type: agent, mta: exim }");
});

test("dependencies without nodes, without a privileged role, with a deadline that is too long, without a round trip", () => {
  const [tcp, sql] = parseConfig(
    "version: 1\nnodes: [{ id: a }]\ndependencies: [{ id: t, type: tcp, host: x, port: 1, deadline: 60s }, { id: d, type: postgres, url: 'postgres://r@h/d', affects: [a] }]",
    "test",
  ).dependencies;
  if (tcp === undefined || sql === undefined) throw new Error("no dependencies");
  expect(judgeDependency(tcp).map(({ says }) => says)).toEqual([
    "does not say which nodes it affects",
    "is given 60 s to answer",
  ]);
  expect(judgeDependency(sql)[0]?.mend?.lines.join("\n")).toMatch(/MAILTIDE_D_MONITOR_URL[^]*pg_monitor/);
  const place = { domain: "own.test", nodes: ["mx1"] };
  expect(judgeRoundTrip([], [{ type: "tcp" }], place)).toEqual([]);
  expect(judgeRoundTrip([], [{ type: "roundtrip" }], place)[0]).toMatchObject({ verdict: "missing" });
  expect(judgeRoundTrip([{ id: "r", type: "roundtrip" }], [{ type: "roundtrip" }], place)[0]?.verdict).toBe("ok");
});

test("a password that goes to whoever answers", () => {
  process.env["MAILTIDE_TEST_PASSWORD"] = "geheim";
  const account = "user: u, password: { env: MAILTIDE_TEST_PASSWORD }";
  expect(passwordsOf(`tls: starttls, auth: { ${account} }, mailbox: { host: y, ${account} }`)).toEqual([]);
  expect(passwordsOf("tls: starttls, verify: false")).toEqual([]);
  expect(passwordsOf(`mailbox: { host: y, ${account}, verify: false }`)).toEqual([
    expect.stringMatching(/^signs in to read without .*verify: false/),
  ]);
  expect(passwordsOf(`tls: starttls, verify: false, auth: { ${account} }`)).toEqual([
    expect.stringMatching(/^signs in to send without/),
  ]);
});

function passwordsOf(keys: string): unknown {
  const [trip] = parseConfig(
    `version: 1\nnodes: [{ id: a }]\ndependencies: [{ id: t, type: roundtrip, host: x, to: p@own.test, affects: [a], ${keys} }]`,
    "test",
  ).dependencies;
  return trip && judgeDependency(trip).map(({ says }) => says);
}

test("state, spool and user", () => {
  const room = { path: "/var/lib/it's", maxBytes: 2 ** 30, freeBytes: 2 ** 31, problem: null };
  expect(judgeState(room, 0o700)[0]?.verdict).toBe("ok");
  expect(judgeState(room, 0o755)[0]?.mend?.lines).toEqual(["chmod 700 '/var/lib/it'\\''s'"]);
  expect(judgeState({ ...room, freeBytes: 2 ** 29 }, null)[0]?.verdict).toBe("missing");
  expect(judgeState({ ...room, freeBytes: 2 ** 20 }, null)[0]?.verdict).toBe("FAILS");
  expect(judgeState({ ...room, problem: "this user may not write to /" }, null)[0]?.verdict).toBe("FAILS");
  expect(
    judgeSpools([{ node: "mx1", name: "mx1", path: "/s", isWatched: false }], [{ id: "spool-disk" }])[0]?.mend
      ?.lines[0],
  ).toContain("id: spool-disk-2");
  expect(judgeRoot("/etc/x.yaml").mend?.lines.join("\n")).toContain("doctor --config /etc/x.yaml");
});

const pagingOf = (more: string) =>
  judgePaging(parseConfig(`version: 1\n${more}`, "test")).map(({ verdict, what }) => `${verdict} ${what}`);

test("nobody is paged; a page without a link", () => {
  process.env["DOCTOR_TEST_KEY"] = "0123456789abcdef0123456789abcdef";
  expect(pagingOf("")).toEqual(["missing notify", "note server.publicUrl", "note auth"]);
  const notify = "notify: [{ id: p, type: pagerduty, routingKey: { env: DOCTOR_TEST_KEY }, severities: [ticket] }]";
  expect(pagingOf(notify)).toContain("missing notify");
  expect(pagingOf(notify.replace("ticket", "page"))).toEqual(["note notify", "missing server.publicUrl", "note auth"]);
});

test("a running server's own words; a stranger on its port", () => {
  const ready = { ready: true, failing: [] };
  expect(judgeServer("u", { ready, metrics: "mailtide_lost_lines 0\n" })[0]?.verdict).toBe("ok");
  const metrics = `# HELP x y
mailtide_dropped_total{where="intake",reason="late"} 12
mailtide_lost_lines 3
mailtide_delay_at_most 1
mailtide_outbox_waiting 2
mailtide_outbox_oldest_seconds 900
mailtide_agent_lost_lines{node="mx2"} 5
mailtide_collector_data_age_seconds{collector="mx1/postfix-log"} 180
mailtide_collector_data_age_seconds{collector="mx3/postfix-log"} 0.4
mailtide_agent_behind_seconds{node="mx2"} 600
mailtide_agent_clock_offset_seconds{node="mx2"} -9.5
`;
  const found = judgeServer("u", {
    ready: { ready: false, failing: [{ id: "mx1/postfix-log", problem: "gone" }] },
    metrics,
  });
  expect(found.map(({ verdict, says }) => `${verdict} ${says}`)).toEqual([
    "FAILS gone",
    "note dropped 12 since it started: late",
    "missing lost 5 lines",
    "missing has not stood at the end of its log for 3 min",
    "note is 10 min behind with what it sends",
    "note its clock is -9.5 s off",
    "missing at least 3 log lines are lost",
    expect.stringContaining("upper bound"),
    "FAILS 2 notifications could not be delivered, the oldest for 15 minutes",
  ]);
  expect(judgeServer("u", { ready: null, metrics: null })[0]?.verdict).toBe("FAILS");
});

test("a spool that needs more free than its dependency knows is named, and what is suggested knows it", () => {
  const large = { node: "mx1", name: "mx1", path: "/s", needsBytes: 75 * 1024 ** 2 };
  expect(judgeSpools([{ ...large, isWatched: true, watchedBytes: 15 * 1024 ** 2 }], [])[0]).toMatchObject({
    verdict: "missing",
    mend: { lines: ["mailNeeds: 75MiB"] },
  });
  expect(judgeSpools([{ ...large, isWatched: true, watchedBytes: 75 * 1024 ** 2 }], [])[0]?.verdict).toBe("ok");
  expect(judgeSpools([{ ...large, isWatched: false }], [])[0]?.mend?.lines[0]).toContain('mailNeeds: "75MiB"');
});
