import { logPlugin } from "../log-plugin.ts";
import { createKumomtaParser } from "./parse.ts";

/** Follows log segments of a KumoMTA that are written uncompressed, a JSON record a line. */
export const kumomtaLog = logPlugin("kumomta-log", createKumomtaParser);
