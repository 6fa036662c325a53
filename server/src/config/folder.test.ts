import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { makeFolder } from "./folder.ts";

const folder = mkdtempSync(join(tmpdir(), "mailtide-folder-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a folder is made with those that it lies in, for its owner alone, and one that is there is left", () => {
  const path = join(folder, "a/b/c");
  makeFolder(path);
  for (const made of [path, join(folder, "a")]) expect(statSync(made).mode & 0o777).toBe(0o700);
  symlinkSync(path, join(folder, "link"));
  makeFolder(join(folder, "link"));
  makeFolder(join(folder, "link/d"));
  expect(statSync(join(path, "d")).isDirectory()).toBe(true);
});

test("why one cannot be made, in words", () => {
  const [file, astray] = [join(folder, "file"), join(folder, "astray")];
  writeFileSync(file, "");
  symlinkSync(join(folder, "none"), astray);
  for (const path of [file, join(file, "x"), join(file, "x/y")])
    expect(() => makeFolder(path)).toThrow(`${path} cannot be made: a file stands in its way`);
  for (const path of [astray, join(astray, "x")])
    expect(() => makeFolder(path, (words) => `it ${words}`)).toThrow(
      `it cannot be made: ${astray} is a link that leads nowhere`,
    );
});

test.runIf(process.platform === "linux")(
  "a file system without room for folders is said to be that, and at once",
  () => {
    const program = `import(process.argv[1]).then(({ makeFolder }) => makeFolder("/proc/mailtide/state"))`;
    const module = new URL("folder.ts", import.meta.url).href;
    const { stderr } = spawnSync(process.execPath, ["--import", "tsx", "--eval", program, module], {
      encoding: "utf8",
      timeout: 30_000,
    });
    expect(stderr).toContain("Error: /proc/mailtide/state cannot be made: /proc is no place for folders");
  },
);
