import { followSegments } from "../../segments/follow.ts";
import { logPlugin } from "../log-plugin.ts";
import { createKumomtaParser } from "./parse.ts";

/** Follows the log segments of a KumoMTA, a JSON record a line: its folder, or a file that somebody unpacks them to. */
export const kumomtaLog = logPlugin("kumomta-log", createKumomtaParser, followSegments);
