import { expect, test } from "vitest";
import { parseConfig } from "../../config/read.ts";
import { plainDomains, postfixSettings } from "../../host/postconf.ts";
import { judgeDomains } from "./postfix-domains.ts";
import { judgeFilters } from "./postfix-filters.ts";
import { judgeHops, namesInLog, parseNextHop } from "./postfix-hops.ts";
import { judgeInstances } from "./postfix-instances.ts";
import { judgeLogPlace } from "./postfix-log-place.ts";
import { judgeLogging } from "./postfix-logging.ts";
import { judgeBlocklists, judgeCertificate, judgeMilters } from "./postfix-neighbours.ts";
import { judgeTables, parseTable } from "./postfix-tables.ts";

const configOf = (node: string, dependencies = "") =>
  parseConfig(
    `version: 1\nnodes: [{ id: mx1, ${node} collect: [{ type: postfix-queue }] }]\ndependencies: [${dependencies}]`,
    "test",
  );
function watched(
  settings: Record<string, string>,
  { node = "", dependencies = "", services = "", overrides = "" } = {},
) {
  const config = configOf(node, dependencies);
  const [first] = config.nodes;
  if (first === undefined) throw new Error("no node");
  const values = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  return {
    postfix: { node: first, name: first.id, settings: postfixSettings(null, values.join("\n"), services, overrides) },
    config,
  };
}
const verdicts = (findings: readonly { readonly verdict: string }[]): string[] =>
  findings.map(({ verdict }) => verdict);

test("settings are read as postconf prints them, services with what overrides them", () => {
  const settings = postfixSettings(
    "/etc/postfix-out",
    "myhostname = mx.example.org\nempty =\nlist = a = b",
    "smtp       inet  n       -       y       -       -       smtpd\n    -o content_filter=x\nfilter unix - - n - 10 smtp\n",
    "smtp/inet/content_filter = filter:[198.51.100.9]:10024\nother/unix/x = y\n",
  );
  expect([settings.get("myhostname"), settings.get("empty"), settings.get("list"), settings.get("none")]).toEqual([
    "mx.example.org",
    "",
    "a = b",
    "",
  ]);
  expect(settings.services.map(({ name, program }) => `${name} ${program}`)).toEqual(["smtp smtpd", "filter smtp"]);
  expect(settings.services[0]?.overrides).toEqual(new Map([["content_filter", "filter:[198.51.100.9]:10024"]]));
  expect(plainDomains("$myhostname, example.org hash:/etc/x localhost.example.org localhost")).toEqual(["example.org"]);
});

test("short queue ids, coarse delays and a log for debugging are named with the command that mends them", () => {
  const good = {
    enable_long_queue_ids: "yes",
    delay_logging_resolution_limit: "2",
    smtp_tls_loglevel: "1",
    smtpd_tls_loglevel: "1",
  };
  expect(verdicts(judgeLogging(watched(good).postfix))).toEqual(["ok"]);
  const bad = { ...good, enable_long_queue_ids: "no", delay_logging_resolution_limit: "0", smtpd_tls_loglevel: "3" };
  const findings = judgeLogging(watched(bad).postfix);
  expect(verdicts(findings)).toEqual(["missing", "note", "note"]);
  expect(findings[0]?.mend?.lines).toEqual(["postconf -e 'enable_long_queue_ids = yes' && postfix reload"]);
});

test("next hops are read as transport(5) has them", () => {
  expect(parseNextHop("smtp-amavis:[127.0.0.1]:10024")).toEqual({
    transport: "smtp-amavis",
    host: "127.0.0.1",
    port: 10_024,
  });
  expect(parseNextHop("lmtp:inet:store.example.org:lmtp")).toEqual({
    transport: "lmtp",
    host: "store.example.org",
    port: 24,
  });
  expect(parseNextHop("smtp:[ipv6:2001:db8::1]:25")).toEqual({ transport: "smtp", host: "2001:db8::1", port: 25 });
  expect(parseNextHop("[relay.example.net]:submission", true)).toEqual({
    transport: "smtp",
    host: "relay.example.net",
    port: 587,
  });
  for (const text of ["", "smtp:", "local:$myhostname", "lmtp:unix:private/lmtp", "error:nobody here"])
    expect(parseNextHop(text), text).toBeNull();
});

test("a filter that ownHops does not know is missing, a relay is a question, what is known is neither", () => {
  const hop = {
    from: "content_filter",
    isFilter: true,
    transport: "smtp",
    program: "smtp",
    logged: ["smtp"],
    host: "filter.example.org",
    port: 10_024,
    ip: "198.51.100.7",
  };
  const relay = { ...hop, from: "relayhost", isFilter: false, host: "relay.example.net", port: null, ip: null };
  const plain = watched({}).postfix;
  const findings = judgeHops(plain, [hop, relay]);
  expect(verdicts(findings)).toEqual(["missing", "note"]);
  // A list replaces the default, so what is to be pasted has both.
  expect(findings[0]?.mend?.lines[0]).toMatch(
    /^ownHops: \[.*"transport:lmtp".*"10\.0\.0\.0\/8".*"filter\.example\.org:10024"\]$/,
  );
  expect(judgeHops(plain, [{ ...hop, ip: "10.1.2.3" }])[0]?.verdict).toBe("ok");
  const listed = watched({}, { node: 'ownHops: [".example.org"],' }).postfix;
  expect(judgeHops(listed, [hop])[0]?.verdict).toBe("ok");
  expect(judgeHops(listed, [{ ...hop, host: "127.0.0.1", ip: "127.0.0.1" }])[0]?.verdict).toBe("missing");
});

test("a transport that ownHops knows by a name that the log does not say is as good as unknown", () => {
  const { postfix } = watched(
    {},
    {
      node: 'ownHops: ["transport:scan", "transport:store"],',
      services: "scan unix - - n - 10 smtp\nstore unix - - n - - lmtp\n",
      overrides: "store/unix/syslog_name = postfix/$service_name\n",
    },
  );
  const hopBy = (transport: string) => {
    const logged = namesInLog(transport, postfix.settings.services);
    const place = { host: "127.0.0.1", port: 10_024, ip: "127.0.0.1" };
    return { from: "content_filter", isFilter: true, transport, program: "smtp", logged, ...place };
  };
  expect(hopBy("store").logged).toEqual(["store", "lmtp"]);
  expect(hopBy("smtp").logged).toEqual(["smtp"]);
  expect(judgeHops(postfix, [hopBy("store")])[0]?.verdict).toBe("ok");
  expect(judgeHops(postfix, [hopBy("store"), hopBy("scan")])).toMatchObject([
    { verdict: "missing", mend: { lines: ["  -o syslog_name=postfix/scan"] } },
  ]);
});

test("domains that ownDomains does not name; what a table says is not guessed", () => {
  const settings = {
    mydestination: "mx.example.org, localhost",
    relay_domains: "example.org, Example.NET",
    myhostname: "mx.example.org",
  };
  const findings = judgeDomains(watched(settings, { node: "ownDomains: [example.org]," }).postfix);
  expect(findings[0]).toMatchObject({
    verdict: "missing",
    mend: { lines: ["ownDomains: [example.org, example.net]"] },
  });
  expect(judgeDomains(watched(settings, { node: "ownDomains: [example.org, example.net]," }).postfix)[0]?.verdict).toBe(
    "ok",
  );
  const table = { virtual_mailbox_domains: "pgsql:/etc/postfix/domains.cf" };
  expect(judgeDomains(watched(table).postfix)[0]).toMatchObject({ verdict: "note" });
  expect(judgeDomains(watched({}).postfix)[0]).toMatchObject({ verdict: "missing" });
  // An agent's file does not take them.
  expect(judgeDomains(watched(settings).postfix, true)).toMatchObject([
    {
      verdict: "note",
      says: expect.stringContaining("example.org, example.net"),
      mend: { where: "in mailtide.yaml of the server, in the node mx1" },
    },
  ]);
  expect(judgeDomains(watched(table).postfix, true)).toMatchObject([{ verdict: "note" }]);
  expect(judgeDomains(watched({}).postfix, true)).toEqual([]);
});

test("an instance that nobody collects is named", () => {
  const folders = ["/etc/postfix", "/etc/postfix-out", "/etc/postfix-in"];
  const [only, ...more] = judgeInstances({ folders, collected: ["/etc/postfix", "/etc/postfix-in"] });
  expect(more).toEqual([]);
  expect(only?.mend?.lines.join("\n")).toContain('command: [postqueue, "-c", /etc/postfix-out, "-j"]');
});

const table = {
  kind: "pgsql",
  setting: "virtual_mailbox_maps",
  path: "/etc/postfix/x.cf",
  hosts: ["db.example.org:5433"],
  database: "mail",
};

test("a database table without a dependency is missing, never with its password", () => {
  const { postfix, config } = watched({});
  const [finding] = judgeTables(postfix, [table], config);
  expect(finding).toMatchObject({ verdict: "missing", mend: { dependency: "secret" } });
  expect(finding?.says).toContain("db.example.org:5433");
  expect(finding?.mend?.lines[0]).toContain("type: postgres, url: { env: MAILTIDE_MAIL_POSTGRES_URL }");
  expect(finding?.mend?.lines[0]).toContain("postgres://ROLE:PASSWORD@db.example.org:5433/mail");
  const unaffecting = watched({}, { dependencies: "{ id: users, type: ldap, url: 'ldap://x' }" });
  const ldap = { ...table, kind: "ldap" };
  expect(judgeTables(unaffecting.postfix, [ldap], unaffecting.config)[0]?.says).toContain(
    "users does not say that it affects mx1",
  );
  const covered = watched({}, { dependencies: "{ id: users, type: ldap, url: 'ldap://x', affects: [mx1] }" });
  expect(judgeTables(covered.postfix, [ldap], covered.config)[0]?.verdict).toBe("ok");
});

test("of a table's file only hosts and the database's name are read", () => {
  const text =
    "# hosts = old\nuser = mail\npassword = s3cret\nhosts = unix:/run/pg postgresql://mail:s3cret@db.example.org/mail?x=s3cret\ndbname = mail\n";
  const read = parseTable("pgsql", text);
  expect(read).toEqual({ hosts: ["unix:/run/pg", "postgresql://db.example.org/mail"], database: "mail" });
  expect(JSON.stringify(read)).not.toContain("s3cret");
  // An empty value must not reach for the next line.
  expect(parseTable("pgsql", "hosts =\npassword = s3cret\ndbname =\nuser = mail\n")).toEqual({
    hosts: [],
    database: null,
  });
  expect(parseTable("ldap", "server_host = ldap://a ldaps://b:636\nbind_pw = x").hosts).toEqual([
    "ldap://a",
    "ldaps://b:636",
  ]);
});

test("milters, block lists and certificates without a probe", () => {
  const settings = {
    smtpd_milters: "inet:127.0.0.1:11332, unix:/run/clamav/milter.ctl inet:8891@10.0.0.5 unix:/run/unknown.sock",
    smtpd_recipient_restrictions:
      "permit_mynetworks, reject_rbl_client zen.example.org=127.0.0.[2..11], reject_rhsbl_sender dbl.example.org",
    postscreen_dnsbl_sites: "bl.example.net*2, list.example.net",
    smtpd_tls_cert_file: "/etc/ssl/mx.pem",
    smtpd_tls_security_level: "may",
    myhostname: "mx.example.org",
  };
  const { postfix, config } = watched(settings);
  const entries = judgeMilters(postfix, config).map(({ mend }) => mend?.lines[0] ?? "none");
  expect(entries).toEqual([
    expect.stringContaining("type: filter, kind: rspamd"),
    expect.stringContaining("type: filter, kind: clamd"),
    expect.stringMatching(/type: tcp, host: "10\.0\.0\.5", port: 8891/),
    "none",
  ]);
  const [lists] = judgeBlocklists(postfix, config);
  expect(lists?.mend?.lines[0]).toContain("2.0.0.127.zen.example.org");
  expect(lists?.says).toContain("bl.example.net");
  expect(lists?.mend?.lines[0]).not.toContain("dbl.example.org");
  expect(judgeCertificate(postfix, config)[0]?.mend?.lines[0]).toContain("host: mx.example.org");
  const snakeoil = watched({ ...settings, smtpd_tls_cert_file: "/etc/ssl/certs/ssl-cert-snakeoil.pem" });
  expect(judgeCertificate(snakeoil.postfix, snakeoil.config)).toEqual([]);
  const seen = watched(settings, {
    dependencies:
      "{ id: r, type: filter, kind: rspamd }, { id: d, type: dns, names: [{ name: x.org }] }, { id: c, type: certificate, host: x }",
  });
  expect(judgeMilters(seen.postfix, seen.config)[0]?.verdict).toBe("ok");
  expect(
    verdicts([...judgeBlocklists(seen.postfix, seen.config), ...judgeCertificate(seen.postfix, seen.config)]),
  ).toEqual(["ok", "ok"]);
});

test("whatever is to be pasted as a dependency is valid configuration", () => {
  const { postfix, config } = watched({
    smtpd_milters: "inet:127.0.0.1:11332 inet:8891@10.0.0.5",
    smtpd_client_restrictions: "reject_rbl_client zen.example.org",
    smtpd_tls_cert_file: "/etc/ssl/mx.pem",
    smtpd_tls_security_level: "may",
    myhostname: "mx.example.org",
  });
  const ldap = { ...table, kind: "ldap", hosts: ["ldap://dir.example.org"] };
  const redis = { ...table, kind: "redis", hosts: ["10.0.0.6"] };
  const findings = [
    ...judgeMilters(postfix, config),
    ...judgeBlocklists(postfix, config),
    ...judgeCertificate(postfix, config),
    ...judgeTables(postfix, [ldap, redis, { ...table, kind: "memcache", hosts: ["inet:10.0.0.7:11211"] }], config),
  ];
  const lines = findings.flatMap(({ mend }) => (mend?.dependency === "plain" ? mend.lines : []));
  expect(lines).toHaveLength(7);
  const yaml = `version: 1\nnodes: [{ id: mx1, collect: [] }]\ndependencies:\n${lines.map((line) => `  ${line}`).join("\n")}\n`;
  expect(parseConfig(yaml, "pasted").dependencies.map(({ type }) => type)).toEqual([
    "filter",
    "tcp",
    "dns",
    "certificate",
    "ldap",
    "redis",
    "tcp",
  ]);
});

test("a content filter that nobody watches is named with what would watch it", () => {
  const hop = {
    from: "content_filter",
    isFilter: true,
    transport: "amavis",
    program: "lmtp",
    host: "127.0.0.1",
    port: 10_024,
    ip: "127.0.0.1",
  };
  const relay = { ...hop, from: "relayhost", isFilter: false, program: "smtp", port: 25 };
  const pipe = { ...hop, program: "pipe", port: null };
  const { postfix, config } = watched({});
  const [finding, ...none] = judgeFilters(postfix, config, [hop, relay, pipe]);
  expect(none).toEqual([]);
  expect(finding?.says).toBe("content_filter passes all mail through 127.0.0.1:10024, and no dependency watches it");
  const mended = finding?.mend?.lines.join("\n") ?? "";
  expect(mended).toMatch(/type: filter, kind: lmtp, host: "127\.0\.0\.1", port: 10024/u);
  for (const kind of ["filter, kind: smtp", "tcp", "smtp"]) {
    const { dependencies } = configOf("", `{ id: f, type: ${kind}, host: 127.0.0.1, port: 10024, affects: [mx1] }`);
    expect(verdicts(judgeFilters(postfix, { dependencies }, [hop]))).toEqual(["ok"]);
  }
});

const logsTo = (settings: Record<string, string>, log: string, isRead = false) => {
  const [node] = parseConfig(`version: 1\nnodes: [{ id: mx1, collect: [${log}] }]`, "test").nodes;
  if (node === undefined) throw new Error("no node");
  return judgeLogPlace({ ...watched(settings).postfix, node }, isRead).map(({ says, mend }) => [
    says,
    ...(mend?.lines ?? []),
  ]);
};

test("a log that is written where nobody reads is named: another file, another facility of the journal", () => {
  const file = "{ type: postfix-log, path: /var/log/mail.log }";
  const journal = "{ type: postfix-log, journald: {} }";
  const own = { maillog_file: "/var/log/out.log" };
  for (const log of [file, journal])
    expect(logsTo(own, log)).toEqual([
      [
        "maillog_file = /var/log/out.log, and no postfix-log of the node reads it",
        "collect: # in place of the postfix-log that is there",
        "  - { type: postfix-log, path: /var/log/out.log }",
      ],
    ]);
  const moved = { maillog_file: "", syslog_facility: "local3" };
  expect(logsTo(moved, journal)).toEqual([
    [
      "syslog_facility = local3, and of the journal the mail facility is read",
      "postconf -e 'syslog_facility = mail' && postfix reload",
    ],
  ]);
  expect(logsTo(own, file, true)).toEqual([]);
  expect(logsTo({ maillog_file: "/dev/stdout" }, journal)).toEqual([]);
  expect(logsTo(own, "{ type: postfix-log, stdin: true }")).toEqual([]);
  expect(logsTo(own, "{ type: postfix-queue }")).toEqual([]);
  expect(logsTo(moved, file)).toEqual([]);
  expect(logsTo(moved, "{ type: postfix-log, journald: { units: [postfix@-.service] } }")).toEqual([]);
  expect(logsTo({ maillog_file: "", syslog_facility: "mail" }, journal)).toEqual([]);
});
