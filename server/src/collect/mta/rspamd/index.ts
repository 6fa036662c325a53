import { logPlugin } from "../log-plugin.ts";
import { createRspamdParser } from "./parse.ts";

/** Follows the log of an rspamd that scans for the MTA of the node. */
export const rspamdLog = logPlugin("rspamd-log", createRspamdParser);
