import { logPlugin } from "../log-plugin.ts";
import { createPostfixParser } from "./parse.ts";

export { postfixQueue } from "./queue.ts";

/** Follows a Postfix log file. */
export const postfixLog = logPlugin("postfix-log", createPostfixParser);
