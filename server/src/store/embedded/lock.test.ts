import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lockFolder } from "./lock.ts";

test.runIf(process.getuid?.() === 0)("a folder of another user is said to be that, not to be a broken database", () => {
  const folder = mkdtempSync(join(tmpdir(), "mailtide-lock-"));
  lockFolder(folder, "state").release();
  process.seteuid?.(65_534);
  try {
    expect(() => lockFolder(folder, "state")).toThrow(/state\.lock: this user may not write there$/);
  } finally {
    process.seteuid?.(0);
    rmSync(folder, { recursive: true });
  }
});
