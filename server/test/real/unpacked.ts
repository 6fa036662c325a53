import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The folder of a Debian package that cannot be installed beside others, with what it needs, unpacked by `npm test`; throws
 * naming it when it is not there.
 */
export function unpacked(name: string): string {
  const root = fileURLToPath(new URL(`../../../node_modules/.cache/mailtide/unpacked/${name}`, import.meta.url));
  if (!existsSync(join(root, "complete"))) throw new Error(`${name} is not unpacked: npm test does that, as root`);
  return root;
}
