import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";

/** Puts a file system of so much room at the folder, to be filled. Whoever has it takes it away. */
export function smallDisk(path: string, size: string, options = ""): { remove(): void } {
  mkdirSync(path, { recursive: true });
  const all = `size=${size}${options === "" ? "" : `,${options}`}`;
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", all, "tmpfs", path], { stdio: "pipe" });
  } catch (error) {
    throw new Error("this machine lets nobody mount a tmpfs: a full disk is not tried (CAP_SYS_ADMIN)", {
      cause: error,
    });
  }
  return { remove: () => void spawnSync("umount", ["--lazy", path]) };
}
