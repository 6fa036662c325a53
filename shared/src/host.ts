import type { HostView, LateHost, QueueSection, StageSection } from "./live.ts";
import type { DependencyId, NodeId } from "./ids.ts";
import type { PerSecond, Seconds } from "./units.ts";

/** What `GET /api/v1/nodes` says of every host, where most waits on us first. */
export interface HostsDocument {
  readonly version: 1;
  /** Of the turn that these numbers are of. */
  readonly at: string;
  readonly nodes: readonly HostSummary[];
}
export interface HostSummary extends Omit<HostView, "lastDepartureMs"> {
  /** Null when no message was seen to leave it. */
  readonly lastDepartureAt: string | null;
  readonly late: HostLate | null;
}

/** Its own mail is late. Null where it is not, and where nobody asks: the site as a whole is late, or has one host. */
export type HostLate = Pick<LateHost, "count" | "waitSeconds">;

/** What `GET /api/v1/nodes/NODE` says of one host, as its log and its listings tell it. Instants are UTC, `YYYY-MM-DDTHH:mm:ss.sssZ`. */
export interface HostDocument {
  readonly version: 1;
  readonly node: NodeId;
  /** Of the turn that these numbers are of. */
  readonly at: string;
  readonly queues: QueueSection["queues"];
  readonly waiting: QueueSection["waiting"];
  /** When a listing last confirmed these counts; null when only the log speaks. */
  readonly listedAt: string | null;
  /** Null when no message was seen to leave it. */
  readonly lastDepartureAt: string | null;
  readonly late: HostLate | null;
  readonly stages: StageSection["stages"];
  /** Over the last minute; null when it was not watched then. */
  readonly perSecond: HostRates | null;
  readonly course: HostCourse;
  /** What is configured to affect it. */
  readonly dependencies: readonly DependencyId[];
}

/** `accepted`: messages. `sent`, `deferred`, `bounced`: recipients. `rejected`: refusals of clients. `connections`: of clients. */
export const hostFlows = ["accepted", "sent", "deferred", "bounced", "rejected", "connections"] as const;
export type HostFlow = (typeof hostFlows)[number];
export type HostRates = Readonly<Record<HostFlow, PerSecond>>;

/** Equally long columns of counts, one a step, oldest first. A step of which not all is known is null. */
export interface HostCourse {
  readonly stepSeconds: Seconds;
  readonly accepted: readonly (number | null)[];
  readonly sent: readonly (number | null)[];
  readonly deferred: readonly (number | null)[];
}
