import type { EpochMs } from "@mailtide/shared";
import type { Agenda } from "../agenda.ts";
import type { Random } from "../random.ts";
import type { Scenario } from "../scenario/schema.ts";
import type { Tally } from "./message.ts";
import type { NodeLog } from "./node-log.ts";
import type { ProcessPool } from "./processes.ts";
import type { Truth } from "./truth/truth.ts";
import type { UsageBook } from "./usage.ts";
import type { World } from "./world.ts";

/** What every part of a simulated host works with. */
export interface NodeParts {
  readonly name: string;
  readonly agenda: Agenda;
  readonly random: Random;
  readonly scenario: Scenario;
  readonly world: World;
  readonly truth: Truth;
  readonly usage: UsageBook;
  readonly tally: Tally;
  readonly log: NodeLog;
  /** A pool of processes by its syslog tag, made when first asked for. `service`: where several have the same tag. */
  processes(tag: string, service?: string): ProcessPool;
  newQueueId(atMs: EpochMs): string;
}
