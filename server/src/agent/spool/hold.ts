import { stat } from "node:fs/promises";
import { createServer } from "node:net";
import { makeSpoolFolder } from "./recover.ts";

/**
 * One agent a spool: two would number different records alike and delete each other's files. What holds it is a socket of a
 * name that has no file (unix(7), abstract), which the kernel takes back however the process ends. Needs Linux; elsewhere
 * nothing is held. Makes the folder when it is missing; throws in words when it cannot, or when another process of this host
 * holds it.
 */
export async function holdSpool(folder: string): Promise<{ release(): Promise<void> }> {
  makeSpoolFolder(folder);
  if (process.platform !== "linux") return { release: () => Promise.resolve() };
  const { dev, ino } = await stat(folder);
  const held = createServer((stranger) => stranger.destroy());
  await new Promise<void>((resolve, reject) => {
    held.once("error", (cause: NodeJS.ErrnoException) => {
      const mend = "stop it, or name another folder by agent.spool.path";
      const words = `another agent is running on the spool ${folder}: ${mend}`;
      reject(cause.code === "EADDRINUSE" ? new Error(words, { cause }) : cause);
    });
    held.listen(`\0mailtide-spool-${dev}-${ino}`, resolve);
  });
  held.unref();
  return { release: () => new Promise((resolve) => held.close(() => resolve())) };
}
