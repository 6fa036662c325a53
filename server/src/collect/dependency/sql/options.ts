import type { DependencyId, Seconds } from "@mailtide/shared";
import { z } from "zod";
import { duration } from "../../../config/duration.ts";
import type { SqlSettings } from "./probe.ts";

/** What the configuration of every kind of SQL server has, besides its addresses. */
export const sqlOptions = {
  every: duration.default(5),
  deadline: duration.default(2),
  /** What is asked; best is the mail system's own look-up with a key that exists. */
  query: z.string().trim().min(1).default("SELECT 1"),
  /** A statement that writes, run after the look-up: the write canary. Nothing is written without it. */
  write: z.string().trim().min(1).optional(),
  /** A replica further behind than this, or one that no longer copies, fails. */
  maxLag: duration.optional(),
  /** Whether the screen's data age waits for this probe. */
  required: z.boolean().default(true),
};

interface Options {
  readonly every: Seconds;
  readonly deadline: Seconds;
  readonly query: string;
  readonly write?: string | undefined;
  readonly maxLag?: Seconds | undefined;
  readonly required: boolean;
}

export const sqlSettings = (id: DependencyId, options: Options): SqlSettings => ({
  id,
  query: bare(options.query),
  write: options.write === undefined ? null : bare(options.write),
  maxLagSeconds: options.maxLag ?? null,
  everySeconds: options.every,
  deadlineSeconds: options.deadline,
  required: options.required,
});

const bare = (statement: string): string => statement.replace(/[;\s]+$/u, "");
