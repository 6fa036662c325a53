import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parseConfig } from "../config/read.ts";
import { withCure } from "./cures.ts";
import { command, dependency, type Finding, ok } from "./finding.ts";
import { report } from "./report.ts";
import { suggestion } from "./suggest.ts";
import { judgeSpool, roomAt } from "./room.ts";
import { judgeServer } from "./try-agent.ts";

const findings: Finding[] = [
  ok("b", "answers"),
  { verdict: "note", what: "n", says: "x" },
  {
    verdict: "missing",
    what: "m\u001b[2J",
    says: "evil\u0007\nsecond \u202Eline",
    why: "because\u009b",
    mend: command("  do\u001b]0;x\u0007 it"),
  },
  { verdict: "FAILS", what: "f", says: "y" },
];

test("worst first, the sum last, and nothing that steers a terminal", () => {
  const texts = report(findings).map(({ text }) => text);
  const verdicts = texts.flatMap((text) => /^(?:FAILS|missing|note|ok)\b/.exec(text)?.[0] ?? []);
  expect(verdicts).toEqual(["FAILS", "missing", "note", "ok"]);
  expect(texts.at(-1)).toBe("1 thing fails; 1 would make Mailtide see more; 1 note; 1 ok.");
  expect(texts.join("")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(texts).toContain("               do ]0;x it");
  expect(report([]).at(-1)?.text).toBe("Nothing fails; nothing is missing; 0 notes; 0 ok.");
});

const missing = (mend: Finding["mend"]): Finding => ({
  verdict: "missing",
  what: "x",
  says: "a\nb: [c",
  ...(mend && { mend }),
});

test("a suggestion is valid as it stands; what needs a secret first is commented out", () => {
  const disk = dependency({ id: "spool", type: "disk", path: "/var/spool/postfix", affects: ["mx1"] });
  const sql = dependency({ id: "db", type: "postgres", url: { env: "NOT_SET" }, affects: ["mx1"] }, "postgres://...");
  const base = "version: 1\nnodes: [{ id: mx1 }]\n";
  const valid = (list: Finding[]) => parseConfig(suggestion(list, base), "suggested").dependencies.map(({ id }) => id);
  expect(valid([missing(sql), missing(disk)])).toEqual(["spool"]);
  expect(valid([missing(sql)])).toEqual([]);
  expect(valid([])).toEqual([]);
});

const mended = (says: string, what = "x") => withCure({ verdict: "FAILS", what, says }, "mailtide").mend?.lines[0];

test("a failure that is known is mended by one command", () => {
  expect(mended("user mailtide may not read /var/log/mail.log: add it to the group adm, then start again")).toMatch(
    /^usermod --append --groups adm mailtide/,
  );
  expect(mended("postqueue: warning: Mail system is down -- accessing queue directly (showq)")).toBe("postfix start");
  expect(mended("fatal: Queue report unavailable - not authorized")).toMatch(/postdrop mailtide/);
  expect(mended("user mailtide may not read /srv/mail.log")).toMatch(
    /^setfacl --modify u:'?mailtide'?:r '?\/srv\/mail\.log/,
  );
  expect(mended("there is no program exim4")).toContain("exim4");
  expect(mended("exim4 -bpr: exim: permission denied")).toBe("queue_list_requires_admin = false");
  expect(mended("/var/log/mail.log does not exist", "mx1/postfix-log")).toContain("journald");
  expect(mended("server.tls.cert: /etc/cert.pem does not exist", "server.tls")).toBeUndefined();
  expect(mended("answers, but sees less than it could: the role is not in pg_monitor: x")).toMatch(/^GRANT pg_monitor/);
  expect(mended("answers, but sees less: PROCESS is needed (1227)")).toMatch(/^GRANT PROCESS/);
  expect(mended("PostgreSQL refuses")).toBeUndefined();
});

test.each([
  [
    "answers, but sees less than it could: the user may not INFO: memory is not looked at",
    "ACL SETUSER mailtide +ping +info",
  ],
  ["the user may not PING: NOPERM this user has no permissions", "ACL SETUSER mailtide +ping +info"],
  [
    "the write canary: the user may not write: NOPERM no permissions",
    "ACL SETUSER mailtide +set ~THE-KEY-OF-THE-CANARY",
  ],
  ["the write canary: permission denied for table canary (42501)", "GRANT SELECT, UPDATE ON canary TO ROLE_OF_URL;"],
  [
    "the write canary: UPDATE command denied to user 'mail'@'10.0.0.5' for table `mail`.`canary` (1142)",
    "GRANT SELECT, UPDATE ON canary TO mail@'%';",
  ],
  ["the bind is refused: the server wants TLS first (13)", "startTls: true"],
  [
    'answers, but sees less: the role may not log in: role "watcher" does not exist (28000)',
    "CREATE ROLE watcher LOGIN CONNECTION LIMIT 3 PASSWORD '...'; GRANT pg_monitor TO watcher;",
  ],
  [
    "does not accept the password or the user (WRONGPASS)",
    "ACL SETUSER mailtide on >PASSWORD resetkeys -@all +ping +info",
  ],
  [
    "the bind is refused: the DN or the password is wrong (49)",
    "ldapwhoami -x -H URL -D DN -W # the DN and the password of bind, as this user types them",
  ],
  [
    "nothing has come by syslog from 10.0.0.5 yet",
    'mail.* action(type="omfwd" target="MAILTIDE-HOST" port="5514" protocol="tcp" queue.type="LinkedList" action.resumeRetryCount="-1")',
  ],
  ["who signs the certificate is not known here: an authority of one's own", "ca: /PATH/TO/THE-AUTHORITY.pem"],
  ["10.0.0.53 says REFUSED to every name", "access-control: THIS-HOST/32 allow"],
])("%s", (says, line) => {
  expect(mended(says)).toBe(line);
});

test("an agent's server: taken, another node's token, another version, a clock that is off", () => {
  const introduction = { node: "mx2", protocol: { newest: 1, oldest: 1 }, receivedAtMs: 1, answeredAtMs: 1 };
  const judge = (more: object, offsetSeconds = 0) =>
    judgeServer("u", "mx2", { introduction: { ...introduction, ...more }, offsetSeconds }).map(
      ({ verdict }) => verdict,
    );
  expect(judge({})).toEqual(["ok"]);
  expect(judge({}, -42)).toEqual(["ok", "note"]);
  // The server calls the node failing from there on.
  expect(judge({}, -60)).toEqual(["ok", "FAILS"]);
  expect(judgeServer("u", "mx2", { introduction, offsetSeconds: -3_600 })[1]?.says).toBe(
    "it is 1 h ahead of the server's",
  );
  expect(judge({ node: "mx3" })).toEqual(["FAILS"]);
  expect(judge({ protocol: { newest: 9, oldest: 7 } })).toEqual(["FAILS"]);
  const gone = ["this token was revoked", "this token is no longer in this server's configuration"];
  for (const why of ["the server does not know this token", ...gone])
    expect(judgeServer("http://h", "mx2", { why })[0]?.mend?.lines[0]).toContain("node: mx2");
  const why = "who signs the certificate is not known here: an authority of one's own, or a chain that is not sent";
  expect(judgeServer("https://h", "mx2", { why })[0]?.mend?.lines).toEqual(["ca: /PATH/TO/THE-AUTHORITY.pem"]);
  const room = { path: "/s", maxBytes: 2 ** 28, freeBytes: 2 ** 26, problem: null };
  expect(judgeSpool(room)).toMatchObject({ verdict: "missing", mend: { lines: ["agent: { spool: { max: 32MiB } }"] } });
  expect(judgeSpool({ ...room, problem: "no" }).verdict).toBe("FAILS");
  expect(judgeSpool({ ...room, freeBytes: 4_096 })).toMatchObject({ verdict: "FAILS", says: "its disk is full" });
});

test("a folder that a file stands in the way of", async () => {
  const file = fileURLToPath(import.meta.url);
  for (const path of [file, `${file}/spool`])
    expect(judgeSpool(await roomAt(path, 0))).toMatchObject({
      verdict: "FAILS",
      says: `${file} stands in its way: it is a file`,
    });
});

test.each(["/proc/mailtide", "/proc/self/mailtide", "/sys/kernel/mailtide/spool"])(
  "a folder in which the kernel makes the files, %s",
  async (path) => {
    const { verdict, says, mend } = judgeSpool(await roomAt(path, 0));
    expect({ verdict, says }).toEqual({
      verdict: "FAILS",
      says: expect.stringMatching(/^\/(?:proc|sys)\S* is no place for files$/) as string,
    });
    expect(mend?.lines).toEqual(["agent.spool.path: /var/lib/mailtide"]);
  },
);

test("what is not come at has the command that tells the address from the network from the program", () => {
  expect(mended("mx5.example.org:9154: host name not found")).toMatch(/^getent hosts '?mx5\.example\.org'? /);
  expect(mended("the name in PostgreSQL at db:5432 is not known")).toMatch(/^getent hosts '?db'? /);
  expect(mended("PostgreSQL at [::1]:5432 refuses connections: nothing listens there")).toMatch(
    /^curl -v .* '?telnet:\/\/\[::1\]:5432'? /,
  );
  expect(mended("ldap1:389: no answer within 3 s (the bind)")).toMatch(/^curl -v .* '?telnet:\/\/ldap1:389'? /);
  expect(mended("/run/clamd.ctl: does not exist", "dependency scanner")).toMatch(/^ls -ld '?\/run\/clamd\.ctl'? /);
});
