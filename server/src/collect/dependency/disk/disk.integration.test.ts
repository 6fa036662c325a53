import { execFileSync, spawnSync } from "node:child_process";
import { closeSync, fsyncSync, mkdirSync, openSync, rmSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { join } from "node:path";
import { dependencyId } from "@mailtide/shared";
import { afterEach, beforeEach, expect, test } from "vitest";
import { asked, causesOf } from "../../../../test/real/probing.ts";
import { need, type RunningProgram, runProgram, temporaryFolder, until } from "../../../../test/real/process.ts";
import { steadyMs } from "../../../../test/steady-clock.ts";
import type { PollCollector } from "../../collector.ts";
import { disk } from "./index.ts";

let folder: ReturnType<typeof temporaryFolder>;
const mounted: string[] = [];
beforeEach(() => {
  folder = temporaryFolder("disk");
});
afterEach(() => {
  for (const point of mounted.splice(0)) spawnSync("umount", ["--lazy", point]);
  folder.remove();
});

const probe = (path: string, more: Readonly<Record<string, unknown>> = {}): PollCollector =>
  disk.create(disk.config.parse({ path, every: "1s", deadline: "20s", ...more }), { id: dependencyId("spool") });

/** A file system of its own in memory: 32 MiB and 400 files. */
function mountSmall(): string {
  const point = join(folder.path, "spool");
  mkdirSync(point);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=32m,nr_inodes=400", "tmpfs", point], { stdio: "pipe" });
  } catch (error) {
    throw new Error("this machine lets nobody mount a tmpfs: the disk is not tried (CAP_SYS_ADMIN)", { cause: error });
  }
  mounted.push(point);
  return point;
}

const fill = (point: string, megabytes: number) => writeFileSync(join(point, "ballast"), Buffer.alloc(megabytes * 1e6));

test("space that runs out: well, then a concern, then no room for mail", async () => {
  const point = mountSmall();
  const ask = probe(point, { free: 0.5 });
  const well = await asked(ask);
  expect(well).toMatchObject({ ok: true, type: "disk", details: { freeShare: 1 } });
  expect(well.details).not.toHaveProperty("concern");
  expect(well.details?.mailNeedsShare).toBeCloseTo(15 / 32, 2);
  fill(point, 17.5);
  const nearly = await asked(ask);
  expect(nearly).toMatchObject({
    ok: true,
    details: { concern: expect.stringMatching(/^4\d(?:\.\d)? % of the space is free$/u) },
  });
  fill(point, 30);
  const full = await asked(ask);
  expect(full).toMatchObject({ ok: false, details: { fault: "full" } });
  expect(causesOf(full)).toEqual(["spool-full"]);
  expect(full.error).toMatch(/: 3\.\d MB are free, and mail needs 15\.7 MB$/u);
  rmSync(join(point, "ballast"));
  expect(await asked(ask)).toMatchObject({ ok: true });
});

test("inodes that run out, with space to spare", async () => {
  const point = mountSmall();
  for (let at = 0; at < 385; at += 1) writeFileSync(join(point, String(at)), "");
  const seen = await asked(probe(point));
  expect(seen).toMatchObject({ ok: false, details: { fault: "full" } });
  expect(seen.error).toMatch(/: \d\d? inodes are free: no file can be made soon$/u);
});

test("a file system that turned read only", async () => {
  const point = mountSmall();
  execFileSync("mount", ["-o", "remount,ro", point]);
  expect(await asked(probe(point))).toMatchObject({
    ok: false,
    error: expect.stringContaining(": the file system is mounted read only") as string,
    details: { fault: "writes" },
  });
});

test("how busy the device is and how long writing takes is measured on a real one", async () => {
  const ask = probe(folder.path);
  await asked(ask);
  const file = openSync(join(folder.path, "written"), "w");
  const seen = await until("writes to be counted", async () => {
    writeSync(file, Buffer.alloc(65_536));
    fsyncSync(file);
    const result = await asked(ask);
    return result.details?.ioWaitSeconds !== undefined && result;
  });
  closeSync(file);
  expect(seen.details?.busyShare).toBeGreaterThanOrEqual(0);
  expect(seen.details?.ioWaitSeconds).toBeGreaterThanOrEqual(0);
});

/** A folder of another as a file system of its own, whose daemon can be stopped. */
async function mountBound(from: string, point: string): Promise<RunningProgram> {
  const daemon = runProgram(need("bindfs", "bindfs"), ["-f", from, point]);
  const own = (await statfs(folder.path)).type;
  await until("the file system to be mounted", async () => (await statfs(point)).type !== own).catch(
    (error: unknown) => {
      throw new Error(`this machine mounts no FUSE file system (/dev/fuse): ${daemon.output()}`, { cause: error });
    },
  );
  mounted.push(point);
  return daemon;
}

test("a device that is given work and gives nothing back: the file system still answers, the disk fails", async () => {
  const [from, bound, point] = ["from", "bound", "disk"].map((name) => join(folder.path, name)) as [
    string,
    string,
    string,
  ];
  for (const path of [from, bound, point]) mkdirSync(path);
  writeFileSync(join(from, "image"), "");
  truncateSync(join(from, "image"), 40e6);
  execFileSync(need("mkfs.ext4", "e2fsprogs"), ["-q", "-O", "^has_journal", join(from, "image")], { stdio: "pipe" });
  const daemon = await mountBound(from, bound);
  const made = spawnSync(need("losetup", "mount"), ["--find", "--show", join(bound, "image")], { encoding: "utf8" });
  if (made.status !== 0) throw new Error(`this machine gives no loop device (/dev/loop-control): ${made.stderr}`);
  const device = made.stdout.trim();
  try {
    execFileSync("mount", [device, point], { stdio: "pipe" });
    mounted.unshift(point);
    const ask = probe(point, { mailNeeds: "1MiB" });
    expect(await asked(ask)).toMatchObject({ ok: true });
    daemon.child.kill("SIGSTOP");
    const writer = runProgram("dd", ["if=/dev/zero", `of=${join(point, "mail")}`, "bs=64k", "count=4", "oflag=direct"]);
    const hung = await until("the disk to fail", async () => {
      const seen = await asked(ask);
      return !seen.ok && seen;
    });
    expect(hung.error).toMatch(/: no read or write has come back for \d+ s$/u);
    expect(hung.details).toMatchObject({ fault: "writes", freeShare: expect.any(Number) as number });
    expect(hung.details?.busyShare).toBeGreaterThan(0.5);
    daemon.child.kill("SIGCONT");
    await until("it to be well again", async () => (await asked(ask)).ok);
    await writer.stop();
  } finally {
    // Whatever waits for it is let go: a daemon that is gone answers with an error.
    await daemon.stop("SIGKILL");
    spawnSync("umount", ["--lazy", point]);
    spawnSync("losetup", ["--detach", device]);
  }
});

test("a file system that is dead holds one look, however often it is asked, and is known as soon as it lives again", async () => {
  const [from, point] = [join(folder.path, "from"), join(folder.path, "dead")];
  mkdirSync(from);
  mkdirSync(point);
  const daemon = await mountBound(from, point);
  const ask = probe(point, { mailNeeds: "0B", free: 0, freeInodes: 0, deadline: "1s" });
  expect(await asked(ask)).toMatchObject({ ok: true });
  daemon.child.kill("SIGSTOP");
  expect((await asked(ask)).error).toContain(": no answer within 1 s");
  const startMs = steadyMs();
  for (let turn = 0; turn < 8; turn += 1)
    expect((await asked(ask)).error).toMatch(
      /: the file system does not answer: the look from \d+ s ago still hangs$/u,
    );
  expect(steadyMs() - startMs, "asking again waits for nothing").toBeLessThan(4_000);
  await statfs(folder.path);
  daemon.child.kill("SIGCONT");
  await until("it is looked at again", async () => (await asked(ask)).ok);
  await daemon.stop();
});
