import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { nodeId } from "@mailtide/shared";
import { expect, onTestFinished, test } from "vitest";
import { type RunningPostfix, startPostfix } from "../../../../test/real/postfix.ts";
import { freePort, idsOf, temporaryFolder, until } from "../../../../test/real/process.ts";
import type { QueueObservation } from "../../../core/observation.ts";
import type { KnownIds, PollCollector } from "../../collector.ts";
import type { ListedEntry, ListingContext } from "../../queue/listing.ts";
import { commandWay, type QueueWay } from "../../queue/way.ts";
import { postfixQueue } from "./index.ts";
import { postqueueJ } from "./postqueue-j.ts";
import { config, mx } from "../../../../test/model/lines.ts";
import { DelayModel } from "../../../core/model/delay-model.ts";
import { LogClock } from "../../syslog/clock.ts";
import { createPostfixParser } from "./parse.ts";
import { postqueueWay } from "./spool/postqueue.ts";
import { scanWay } from "./spool/scan.ts";
import { showqWay } from "./spool/socket.ts";

const context: ListingContext = { nowMs: Date.now(), zone: "UTC" };
const never = new AbortController().signal;

async function entriesBy(way: QueueWay): Promise<ListedEntry[]> {
  const entries: ListedEntry[] = [];
  expect(await way.list(context, never, (entry) => void entries.push(entry))).toBe(0);
  return entries.sort((a, b) => (a.queueId < b.queueId ? -1 : 1));
}

async function postfixWithQueue(
  longIds: boolean,
  settings: Readonly<Record<string, string>> = {},
): Promise<{ postfix: RunningPostfix; spool: string }> {
  const postfix = await startPostfix({
    routes: { "own.test": await freePort() },
    settings: { enable_long_queue_ids: longIds ? "yes" : "no", hash_queue_names: "deferred, defer, hold", ...settings },
  });
  onTestFinished(() => postfix.stop());
  const load = ["-s", "4", "-m", "40", "-l", "900", "-N", "-r", "2", "-f", "a@far.test", "-t", "b@own.test"];
  execFileSync("smtp-source", [...load, `127.0.0.1:${postfix.smtpPort}`]);
  await until("all deferred", () => deferred(postfix) === 40);
  const [held = ""] = postfix.queue().map(({ queue_id }) => queue_id);
  execFileSync("postsuper", ["-c", postfix.configFolder, "-h", held], { stdio: "pipe" });
  return { postfix, spool: join(postfix.configFolder, "../spool") };
}
const deferred = (postfix: RunningPostfix): number =>
  postfix.queue().filter(({ queue_name }) => queue_name === "deferred").length;

test.each([true, false])("three ways to one real queue tell the same of it (long ids: %s)", async (longIds) => {
  const { postfix, spool } = await postfixWithQueue(longIds);
  const listed = await entriesBy(commandWay(postfix.listCommand, postqueueJ, undefined));
  expect(listed).toHaveLength(40);
  expect(listed.filter(({ queue }) => queue === "hold")).toHaveLength(1);
  expect(listed.every(({ recipients }) => recipients.length === 2)).toBe(true);
  expect(await entriesBy(showqWay(spool))).toEqual(listed);

  const scanned = await entriesBy(scanWay(spool));
  expect(scanned.map(({ queueId, queue }) => [queueId, queue])).toEqual(
    listed.map(({ queueId, queue }) => [queueId, queue]),
  );
  for (const [at, { arrivalMs, arrivedByMs, dueMs, sizeBytes, queue }] of scanned.entries()) {
    const said = listed[at];
    const saidMs = said?.arrivalMs ?? 0;
    // A listing has whole seconds, and a busy host writes the file later; a short id does not tell, and we do not guess.
    if (longIds) expect(Math.abs((arrivalMs ?? 0) - saidMs)).toBeLessThan(60_000);
    else expect(arrivalMs).toBeNull();
    expect(arrivedByMs).toBeGreaterThanOrEqual(saidMs);
    // Deferred once: minimal_backoff_time later, in whole seconds.
    if (queue === "deferred") expect(Math.abs((dueMs ?? 0) - (saidMs + 300_000))).toBeLessThan(60_000);
    // The file holds the envelope too.
    expect((sizeBytes ?? 0) - (said?.sizeBytes ?? 0)).toBeGreaterThan(100);
    expect((sizeBytes ?? 0) - (said?.sizeBytes ?? 0)).toBeLessThan(3_000);
  }
});

interface Over {
  readonly postfix: RunningPostfix;
  readonly known: ReadonlySet<string> | KnownIds;
}

/** A collector as it is configured, over a model that knows these. */
async function collecting(method: string, { postfix, known }: Over) {
  const options = postfixQueue.config.parse({ method, command: postfix.listCommand, every: "1s" });
  const collector = postfixQueue.create(options, { id: nodeId("mx1"), timezone: "UTC", hasLog: true }) as PollCollector;
  const ids: KnownIds =
    "acceptedBefore" in known
      ? known
      : { has: (id) => known.has(id), arrivalMs: () => null, acceptedBefore: () => known };
  await collector.start({
    position: undefined,
    // The log has had its time to tell of all that waits.
    now: () => Date.now() + 20_000,
    sink: () => Promise.resolve(),
    health: () => undefined,
    knownIds: () => ids,
    point: () => undefined,
  });
  const look = async () => (await collector.poll(never)).observations[0] as QueueObservation;
  return { look, collector };
}

test.each([true, false])(
  "whatever the way, the same is unknown and the same has gone (long ids: %s)",
  async (longIds) => {
    const { postfix } = await postfixWithQueue(longIds);
    const waiting = postfix.queue().map(({ queue_id }) => queue_id);
    const known = new Set([...waiting.slice(3), "4Z0000000zGONE", "GONE0000"]);
    for (const method of ["postqueue", "showq", "scan"]) {
      const { look } = await collecting(method, { postfix, known });
      await look();
      const { snapshot, unknown, unknownDropped, vanished } = await look();
      expect(vanished, method).toEqual(["4Z0000000zGONE", "GONE0000"]);
      expect(Object.values(snapshot.queues).reduce((sum, { count }) => sum + count, 0)).toBe(40);
      const told = method !== "scan" || longIds;
      expect(unknown.map(({ queueId }) => queueId).sort()).toEqual(told ? waiting.slice(0, 3).sort() : []);
      expect(unknownDropped).toBe(told ? 0 : 3);
      expect(snapshot.recipients).toBe(method === "scan" ? null : 80);
    }

    // auto: files first, then in full what the log did not tell of, with the times of the next tries; then files again.
    const { look, collector } = await collecting("auto", { postfix, known });
    expect((await look()).snapshot.recipients).toBeNull();
    expect(collector.everySeconds).toBe(1);
    const full = await look();
    expect(full.snapshot.recipients).toBe(80);
    expect(full.unknown).toHaveLength(3);
    for (const { queue, dueMs, recipients } of full.unknown) {
      expect(recipients).toHaveLength(2);
      expect(dueMs !== undefined && dueMs > Date.now()).toBe(queue === "deferred");
    }
    for (const { queueId } of full.unknown) known.add(queueId);
    expect((await look()).snapshot.recipients).toBeNull();
    expect((await look()).vanished).toEqual(["4Z0000000zGONE", "GONE0000"]);
    expect(collector.says).toMatch(/files are scanned .* is listed with showq/);
  },
);

/** What the log of a Postfix makes of its mail. */
function modelOf({ logPath }: RunningPostfix): DelayModel {
  const model = new DelayModel(config());
  const read = createPostfixParser({ clock: new LogClock({ zone: "UTC", now: () => Date.now() }) });
  for (const line of readFileSync(logPath, "utf8").split("\n")) {
    const event = read(Buffer.from(line));
    model.apply({ kind: "log", node: mx, atMs: event.atMs ?? Date.now(), event });
  }
  return model;
}

test("a damaged queue file is held from the line that puts it aside, as long as a scan finds it", async () => {
  const { postfix, spool } = await postfixWithQueue(true);
  const files = () =>
    execFileSync("find", [join(spool, "deferred"), "-type", "f"], { encoding: "utf8" })
      .trim()
      .split("\n");
  const damaged = files().slice(0, 2);
  // Of one only the end is missing, of the other nearly all.
  for (const [at, path] of damaged.entries()) truncateSync(path, at === 0 ? 50 : statSync(path).size - 30);
  postfix.flush();
  await until("both to be put aside", () => readdirSync(join(spool, "corrupt")).length === 2);
  await until(
    "the log to tell",
    () => (readFileSync(postfix.logPath, "utf8").match(/saving corrupt file/g) ?? []).length === 2,
  );
  const model = modelOf(postfix);
  const { queues, facts } = model.evaluate(Date.now());
  // One was on hold before.
  expect(queues.waiting.held.count).toBe(3);
  expect(facts.totals).toMatchObject({ blocked: 0, unexplained: 0 });
  const { look } = await collecting("scan", { postfix, known: model.knownIds(mx) });
  for (let looks = 0; looks < 2; looks++) {
    const { snapshot, ...difference } = await look();
    expect(snapshot.queues["corrupt"]?.count).toBe(2);
    expect(difference).toMatchObject({ unknown: [], vanished: [] });
  }
  // An operator throws it away.
  const [id = ""] = readdirSync(join(spool, "corrupt"));
  rmSync(join(spool, "corrupt", id));
  await look();
  expect((await look()).vanished).toEqual([id]);
});

test("an instance logs under any name: its log and its queue are of one and the same", async () => {
  const { postfix } = await postfixWithQueue(false, { syslog_name: "mx-out" });
  const lines = () => readFileSync(postfix.logPath, "utf8").split("\n");
  await until(
    "the log to tell of them all",
    () => lines().filter((line) => line.includes("status=deferred")).length >= 80,
  );
  const known = modelOf(postfix).knownIds(mx);
  const ids = [...known.acceptedBefore(Date.now() + 60_000)].filter((id) => id !== null);
  expect(ids).toHaveLength(40);
  const { look } = await collecting("showq", { postfix, known });
  for (let looks = 0; looks < 2; looks++)
    expect(await look()).toMatchObject({ instance: "mx-out", unknown: [], unknownDropped: 0, vanished: [] });
  execFileSync("postsuper", ["-c", postfix.configFolder, "-d", "ALL"], { stdio: "pipe" });
  await look();
  // All but those that were on their way when the instance first spoke: only the log tells of their end.
  const its = ids.filter((key) => key.startsWith("mx-out/"));
  expect(its.length).toBeGreaterThan(30);
  expect((await look()).vanished.toSorted()).toEqual(its.toSorted());
});

test("a scan bears what lies in a spool: other names, links, loops, files that go, files not whole yet", async () => {
  const folder = temporaryFolder("spool");
  onTestFinished(() => folder.remove());
  for (const name of ["incoming", "active", "deferred", "deferred/A", "deferred/A/B", "hold"])
    mkdirSync(join(folder.path, name));
  const put = (path: string, mode = 0o700) => writeFileSync(join(folder.path, path), "x".repeat(10), { mode });
  put("deferred/A/B/AB12345678");
  put("incoming/CD12345678", 0o600);
  for (const [at, name] of ["core", "a\nb", "\u001b[2J", "AB12 345678", "x".repeat(255), "deferred 700 1"].entries())
    put(`${at % 2 === 0 ? "active" : "hold"}/${name}`);
  symlinkSync(folder.path, join(folder.path, "deferred/A/loop"));
  symlinkSync("/etc/passwd", join(folder.path, "hold/EF12345678"));
  execFileSync("mkfifo", [join(folder.path, "active/AA12345678")]);
  expect((await entriesBy(scanWay(folder.path))).map(({ queueId }) => queueId)).toEqual(["AB12345678"]);

  // Files come and go while it looks.
  for (let at = 0; at < 3_000; at++) put(`active/B${at.toString(16).toUpperCase().padStart(9, "0")}`);
  const scans = Array.from({ length: 5 }, () => entriesBy(scanWay(folder.path)));
  for (const [at, name] of readdirSync(join(folder.path, "active")).entries())
    if (at % 2 === 0) renameSync(join(folder.path, "active", name), join(folder.path, "deferred", name));
  for (const entries of await Promise.all(scans)) {
    expect(entries.length).toBeGreaterThan(1_000);
    expect(new Set(entries.map(({ queueId }) => queueId)).has("AB12345678")).toBe(true);
  }
});

test("what is not permitted is said with what would permit it", async () => {
  const { postfix, spool } = await postfixWithQueue(true);
  chmodSync(postfix.configFolder, 0o755);
  const nobody = idsOf("nobody");
  if (nobody === null) throw new Error("the tests of permissions are run as root");
  const [uid, gid] = [process.geteuid?.() ?? 0, process.getegid?.() ?? 0];
  // Connecting and starting programs ask for the effective user.
  const asNobody = async <T>(act: () => Promise<T>): Promise<T> => {
    process.setegid?.(nobody.gid);
    process.seteuid?.(nobody.uid);
    try {
      return await act();
    } finally {
      process.seteuid?.(uid);
      process.setegid?.(gid);
    }
  };
  const complaint = (way: QueueWay) => asNobody(() => way.list(context, never, () => undefined).catch(String));
  expect(await complaint(showqWay(spool))).toMatch(/public\/showq may not be asked: that needs the group postdrop/);
  expect(await complaint(scanWay(spool))).toMatch(/may not read 6 folders .*: that needs root or the user postfix/);
});

test("postqueue -p and mailq tell what -j does of one real queue", async () => {
  const { postfix } = await postfixWithQueue(true);
  const [, , folder = ""] = postfix.listCommand;
  const listed = await entriesBy(commandWay(postfix.listCommand, postqueueJ, undefined));
  const printed = postqueueWay(["postqueue", "-c", folder, "-p"]);
  expect(printed.name).toBe("postqueue -p");
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const entries: ListedEntry[] = [];
  expect(await printed.list({ nowMs: Date.now(), zone }, never, (entry) => void entries.push(entry))).toBe(0);
  expect(entries.sort((a, b) => (a.queueId < b.queueId ? -1 : 1))).toEqual(listed);
});

test("a Postfix before 3.1 is read: its socket says what mailq prints, and its postqueue knows no -j", async () => {
  const folder = temporaryFolder("older");
  onTestFinished(() => folder.remove());
  const listing = join(import.meta.dirname, "listings/queue-p-older/listing");
  let text = readFileSync(listing, "utf8");
  const server = createServer((socket) => void socket.on("error", () => undefined).end(text));
  mkdirSync(join(folder.path, "public"));
  await new Promise<void>((resolve) => void server.listen(join(folder.path, "public/showq"), resolve));
  onTestFinished(() => void server.close());
  const bySocket = await entriesBy(showqWay(folder.path));
  expect(bySocket).toHaveLength(6);
  text = text.slice(0, -30);
  await expect(showqWay(folder.path).list(context, never, () => undefined)).rejects.toThrow("broke off");
  text = "Mail queue is empty\n";
  expect(await entriesBy(showqWay(folder.path))).toEqual([]);

  // Its own words, as it knows no such option.
  const usage = "postqueue: fatal: usage: postqueue -f | postqueue -i queueid | postqueue -p | postqueue -s site";
  const program = join(folder.path, "postqueue");
  writeFileSync(program, `#!/bin/sh\n[ "$1" = -p ] && exec cat "${listing}"\necho "${usage}" >&2\nexit 64\n`, {
    mode: 0o755,
  });
  const way = postqueueWay([program, "-j"]);
  expect(way.name).toBe("postqueue -j");
  expect(await entriesBy(way)).toEqual(bySocket);
  expect(way.name).toBe("postqueue -p");
  expect(await entriesBy(way)).toEqual(bySocket);
  await expect(postqueueWay([program, "-x"]).list(context, never, () => undefined)).rejects.toThrow("usage");
});

test("a socket that says nothing, breaks off or is not there is a problem in words", async () => {
  const folder = temporaryFolder("showq");
  onTestFinished(() => folder.remove());
  mkdirSync(join(folder.path, "public"));
  const list = (signal = never) => showqWay(folder.path).list(context, signal, () => undefined);
  await expect(list()).rejects.toThrow("this Postfix does not run");
  let answer: string | null = "protocol\0mail_queue_list_protocol\0\0queue_name\0deferred\0queue_id\0ABCDEF12";
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    if (answer !== null) socket.end(answer);
  });
  await new Promise<void>((resolve) => void server.listen(join(folder.path, "public/showq"), resolve));
  onTestFinished(() => void server.close());
  await expect(list()).rejects.toThrow("broke off");
  answer = "protocol\0mail_queue_list_protocol\0\0";
  await expect(list()).rejects.toThrow("broke off");
  answer += "\0";
  await expect(list()).resolves.toBe(0);
  answer = null;
  const deadline = new AbortController();
  const asked = list(deadline.signal);
  deadline.abort();
  await expect(asked).rejects.toThrow("within the deadline");
});
