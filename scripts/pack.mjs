// Packs the server: its modules, and packages that only compute, into a few dozen files. Node takes about a millisecond for a
// module whatever is in it, and a replay needs six hundred (docs/adr/0012-packed.md).
import { readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { rolldown } from "rolldown";
import { root } from "./workspace.mjs";

const source = join(root, "server/src");
const packed = join(root, "server/packed");
/** These read no files, have no binaries and load nothing by a name that they make up. Others stay where they are installed. */
const taken = /^(@mailtide\/shared|commander|ipaddr\.js|luxon|yaml|zod|zstddec)(\/|$)/;

/** The program, and each thread's module: it is started by its name from the folder that its caller stands in. */
const input = { main: join(source, "main.ts") };
for (const path of readdirSync(source, { recursive: true })) {
  const name = basename(path, ".ts");
  if (!path.endsWith("-worker.ts")) continue;
  if (name in input) throw new Error(`two threads' modules are called ${name}: packed they stand in one folder`);
  input[name] = join(source, path);
}

const bundle = await rolldown({
  input,
  platform: "node",
  external: (id) => !/^[./]/.test(id) && !taken.test(id),
  resolve: {
    alias: {
      "@mailtide/shared": join(root, "shared/src/index.ts"),
      // The same in ES modules; the one for Node is CommonJS, and seventy modules would each stay a function of their own.
      yaml: join(root, "node_modules/yaml/browser/index.js"),
    },
  },
});
rmSync(packed, { recursive: true, force: true });
await bundle.write({ dir: packed, sourcemap: true, entryFileNames: "[name].js", chunkFileNames: "[name]-[hash].js" });
