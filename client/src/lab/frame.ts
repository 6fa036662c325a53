import type { HostDocument, LiveState, NodeId, Scope, Seconds } from "@mailtide/shared";
import type { Link } from "../live/model.ts";

/** A recorded moment on which every view can be looked at. */
export interface LabFrame {
  readonly id: string;
  readonly title: string;
  /** null: no frame has come yet. */
  readonly state: LiveState | null;
  readonly link: Link;
  /** How long ago the last frame came. */
  readonly silentSeconds: Seconds;
  readonly scopes: readonly Scope[];
  /** Those that the server would tell in full. */
  readonly hosts?: ReadonlyMap<NodeId, HostDocument>;
}

const open: Link = { kind: "open" };

export function frame(id: string, title: string, state: LiveState | null, rest: Partial<LabFrame> = {}): LabFrame {
  return { id, title, state, link: open, silentSeconds: 1, scopes: ["read", "ack"], ...rest };
}
