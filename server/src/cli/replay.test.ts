import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { startPagerDuty } from "../../test/real/pagerduty.ts";
import { writeSmallCapture } from "../../test/small-capture.ts";
import { type ReportDocument, reportSchema } from "../replay/report/schema.ts";
import { runCli } from "./index.ts";

let folder = "";
let day = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mailtide-replay-"));
  day = join(folder, "day");
  await writeSmallCapture(day, "small day");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Run {
  readonly code: number;
  readonly out: string;
  readonly problem: string;
}
/** One command line, with what it says. */
async function run(...argv: string[]): Promise<Run> {
  const out: string[] = [];
  const problems: string[] = [];
  const spies = [
    vi.spyOn(console, "log").mockImplementation((text: string) => void out.push(text)),
    vi.spyOn(console, "error").mockImplementation((text: string) => void problems.push(text)),
    vi.spyOn(process.stderr, "write").mockImplementation((text) => problems.push(String(text)) > 0),
  ];
  try {
    const code = await runCli(["replay", ...argv], new AbortController().signal);
    return { code, out: out.join("\n"), problem: problems.join("\n") };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
const document = async (file: string): Promise<ReportDocument> =>
  reportSchema.parse(JSON.parse(await readFile(file, "utf8")));

async function bare(name: string, content: string | Buffer, file = "mail.log"): Promise<string> {
  const path = join(folder, name);
  await mkdir(path);
  await writeFile(join(path, file), content);
  return path;
}

/** A folder with a folder of that name in it. */
async function within(name: string, inner: string): Promise<string> {
  await mkdir(join(folder, name, inner), { recursive: true });
  return join(folder, name);
}

test("a recording is told on the terminal and written as a document, whole or not at all", async () => {
  const file = join(folder, "report.json");
  await writeFile(file, "from yesterday");
  const { code, out, problem } = await run(day, "--report", file, "--top", "0");
  expect(problem).toMatch(/Replaying small day: done/);
  expect(code).toBe(0);
  expect(out).toMatch(/^REPLAY {2}small day/);
  expect(out).toMatch(/page +Queues that stand still/);
  expect(out).toContain(`The whole report: ${file}`);
  expect(await document(file)).toMatchObject({ version: 1, capture: "small day", sources: { distinct: 1, top: [] } });
  expect((await readdir(folder)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

test("where the report cannot be written is said before the work", async () => {
  const nowhere = await run(day, "--report", join(folder, "no/such/report.json"));
  expect(nowhere).toMatchObject({ code: 1, out: "" });
  expect(nowhere.problem).toMatch(/^mailtide: .*cannot be written: there is no folder .*\/no\/such$/);
  const file = join(folder, "a-file");
  await writeFile(file, "");
  const places: [string, string][] = [[join(file, "report.json"), "a file stands where its folder should"]];
  if (process.platform === "linux") places.push(["/proc/report.json", "/proc is no place for files"]);
  for (const [path, why] of places)
    expect(await run(day, "--report", path)).toMatchObject({
      code: 1,
      out: "",
      problem: `mailtide: ${path}: cannot be written: ${why}`,
    });
  expect((await run(day, "--report", folder)).problem).toMatch(/is a folder; name a file$/);
});

test.each([
  [["--speed", "0"], /a number above 0/],
  [["--until", "yesterday"], /an instant with its zone/],
  [["--until", "2016-05-11T12:00"], /an instant with its zone/],
  [["--tz", "Mars/Olympus"], /an IANA time zone/],
  [["--year", "16"], /a year from 1970/],
  [["--top", "-1"], /a whole number/],
  [["--notify", "mail-admin"], /an http or https address/],
  [["--notify", "https://events.pagerduty.com/v2/enqueue"], /never pages people/],
  [["--serv"], /unknown option --serv; did you mean --serve/],
])("wrong usage %j is told and exits 2", async (flags, why) => {
  const said: string[] = [];
  const spy = vi.spyOn(process.stderr, "write").mockImplementation((text) => said.push(String(text)) > 0);
  try {
    expect(await runCli(["replay", day, ...flags], new AbortController().signal)).toBe(2);
  } finally {
    spy.mockRestore();
  }
  expect(said.join("")).toMatch(why);
});

test("--until ends it there; before its begin nothing is left", async () => {
  const file = join(folder, "until.json");
  expect((await run(day, "--until", "2016-05-11T11:05+02:00", "--report", file)).code).toBe(0);
  expect((await document(file)).to).toBe("2016-05-11T09:05:00.000Z");
  const early = await run(day, "--until", "2016-05-11T08:00Z");
  expect(early).toMatchObject({ code: 1 });
  expect(early.problem).toMatch(/nothing is left of small day/);
});

const line = (clock: string, text: string) => `Dec 31 ${clock} mx7 postfix/${text}\n`;

test("a bare log without year and zone, as flags state them or as is assumed and said", async () => {
  const log =
    line("23:59:58", "smtpd[1]: 4A1: client=mail.example.com[192.0.2.7]") +
    line("23:59:58", "cleanup[1]: 4A1: message-id=<a@example.com>") +
    line("23:59:58", "qmgr[1]: 4A1: from=<a@example.com>, size=10, nrcpt=1 (queue active)") +
    line(
      "23:59:59",
      "smtp[1]: 4A1: to=<u@own.test>, relay=10.0.0.9[10.0.0.9]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 Ok)",
    ) +
    line("23:59:59", "qmgr[1]: 4A1: removed") +
    "Jan  1 00:00:05 mx7 postfix/smtpd[1]: 4A2: client=mail.example.com[192.0.2.7]\n";
  const packed = await bare("bare", gzipSync(log), "mail.log.gz");
  const file = join(folder, "bare.json");
  expect((await run(packed, "--year", "2019", "--tz", "Asia/Tokyo", "--report", file)).code).toBe(0);
  const stated = await document(file);
  expect(stated).toMatchObject({ capture: "bare", from: "2019-12-31T14:59:58.000Z", lines: 6, unparsed: 0 });
  expect(stated.assumptions).toEqual(["the node is the logged host, mx7"]);

  const { code, out } = await run(packed);
  expect(code).toBe(0);
  expect(out).toMatch(/Assumed: the log states no year: \d{4} is assumed/);
  expect(out).toMatch(/Assumed: the log states no time zone: UTC is assumed/);
});

test("a log that breaks off in the middle of a line and of a pack is told as far as it goes, or why not", async () => {
  const log = await readFile(join(day, "mx1", "mail.log"));
  const cut = await bare("cut", log.subarray(0, Math.floor(log.length / 2) + 7));
  const file = join(folder, "cut.json");
  expect((await run(cut, "--report", file)).code).toBe(0);
  expect((await document(file)).delay.length).toBeGreaterThan(5);
  const packed = gzipSync(log);
  const broken = await run(await bare("broken", packed.subarray(0, packed.length / 2), "mail.log.gz"));
  expect(broken.code).toBe(1);
  expect(broken.problem).toMatch(/^mailtide: |\nmailtide: /);
});

test("a folder with nothing of use in it ends in words", async () => {
  const garbage = Buffer.from(Array.from({ length: 70_000 }, (_, at) => (at * 7919) % 256));
  const cases = [
    [join(folder, "nowhere"), /nowhere: does not exist$/],
    [join(day, "capture.yaml"), /capture\.yaml: is a file, not a folder: name one that holds a mail\.log or a capture/],
    [join(day, "capture.yaml", "x"), /x: does not exist: a file stands where its folder should$/],
    [await bare("unrelated", "hello", "notes.txt"), /neither capture.yaml nor mail.log/],
    [await bare("empty", ""), /mail\.log: is empty$/],
    [await within("folder", "mail.log"), /mail\.log: is a folder, not a file$/],
    [await within("folder-too", "capture.yaml"), /capture\.yaml: is a folder, not a file$/],
    [await bare("garbage", garbage), /cannot tell whose log this is/],
    [await bare("not-yaml", "{{{", "capture.yaml"), /capture.yaml:1/],
    [await bare("wrong", "version: 2\n", "capture.yaml"), /capture.yaml:1: version: must be 1/],
  ] as const;
  for (const [path, why] of cases) {
    const { code, out, problem } = await run(path);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(problem).toMatch(why);
  }
});

test("every problem of a capture.yaml is told as a configuration's are, each with its line", async () => {
  const document = [
    "version: 1",
    "name: day",
    "timezone: Europe/Vienna",
    'year: "2016"',
    "simulated: maybe",
    "nodes: [{ id: a b }, mx1]",
    "dependencies:",
    "  - { id: db, type: postgress, affects: [mx1] }",
  ].join("\n");
  const { code, problem } = await run(await bare("many", document, "capture.yaml"));
  expect(code).toBe(1);
  expect(problem.replaceAll(join(folder, "many/"), "").split("\n")).toEqual([
    'mailtide: capture.yaml:4: year: must be a number, not "2016"',
    'mailtide: capture.yaml:5: simulated: must be true or false, not "maybe"',
    "mailtide: capture.yaml:6: nodes[0].id: must be a plain name of letters, digits, dots, dashes and underscores",
    expect.stringMatching(/^mailtide: capture\.yaml:8: dependencies\[0\]\.type: .* did you mean "postgres"\?$/),
  ]);
  const sound = document.replace('"2016"', "2016").replace("maybe", "true").replace("a b", "mx1").replace("ss,", "s,");
  expect((await run(await bare("twice", sound, "capture.yaml"))).problem).toMatch(
    /yaml:6: nodes\[1\]: "mx1" stands .*twice/,
  );
  const stranger = sound.replace("{ id: mx1 }, ", "").replace("[mx1] }", "[mx11] }");
  expect((await run(await bare("stranger", stranger, "capture.yaml"))).problem).toMatch(
    /yaml:8: dependencies\[0\]\.affects\[0\]: "mx11" is none of the nodes; did you mean "mx1"\?$/,
  );
});

test("--notify sends what would have been paged to a double, and says when it cannot", async () => {
  const double = await startPagerDuty();
  try {
    const { code, out } = await run(day, "--notify", double.url);
    expect(code).toBe(0);
    expect(out).toMatch(/1 page events? sent to http:/);
    expect(double.received).toMatchObject([{ status: 202, action: "trigger", effect: "opened" }]);
    expect(double.received[0]?.event?.payload).toMatchObject({ severity: "critical", source: "default" });
    double.always({ answer: 400, body: "no" });
    const refused = await run(day, "--notify", double.url);
    expect(refused.code).toBe(1);
    expect(refused.out).toMatch(/1 could not be sent: PagerDuty answered 400/);
  } finally {
    await double.stop();
  }
});
