import { createRequire } from "node:module";
import { packageFolder } from "./package-folder.ts";

/** Of the server's package. */
export const version: string = (createRequire(packageFolder)("./package.json") as { version: string }).version;
