import { createRequire } from "node:module";

/** Of the server's package. */
export const version: string = (createRequire(import.meta.url)("../package.json") as { version: string }).version;
