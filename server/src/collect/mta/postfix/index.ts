import { logPlugin } from "../log-plugin.ts";
import { queuePlugin } from "../queue-plugin.ts";
import { createPostfixParser } from "./parse.ts";
import { postqueueJ } from "./postqueue-j.ts";

/** Follows a Postfix log file. */
export const postfixLog = logPlugin("postfix-log", createPostfixParser);

/** Lists a Postfix queue; another instance's with `[postqueue, -c, /etc/postfix-out, -j]`. */
export const postfixQueue = queuePlugin("postfix-queue", { format: postqueueJ, command: ["postqueue", "-j"] });
