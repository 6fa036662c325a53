import type { CommandOutcome, OperatorCommands } from "./core/principal.ts";
import { ProblemError } from "./http/problem.ts";
import type { ChangeLog, KeyValue } from "./http/settings.ts";
import type { Logger } from "./observe/logger.ts";

const why = "This is a recording: nothing in it can be acknowledged, silenced or changed.";
const refused: CommandOutcome = { ok: false, kind: "conflict", error: why };
const refuse = (): Promise<never> => Promise.reject(new ProblemError(409, why));

/** What happened has happened: every wish to act on it is refused in words. */
export const stillCommands: OperatorCommands = { acknowledge: async () => refused, silence: async () => refused };
export const stillChanges: ChangeLog = { record: refuse, end: refuse };

/** Sessions and links of a replay end with it: it must leave no trace in the state of the real thing. */
export function forgetfulState(logger: Logger): KeyValue {
  const values = new Map<string, string>();
  return {
    get: async (key) => values.get(key) ?? null,
    async set(key, value) {
      if (value === null) values.delete(key);
      else values.set(key, value);
    },
    audit: async (entry) => logger.info("audit", { ...entry }),
  };
}
