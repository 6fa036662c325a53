import type { Ack, HostDocument, HostsDocument, IncidentId, NodeId, Seconds, TransportCommand } from "@mailtide/shared";
import { createContext } from "react";
import type { Told } from "./hosts.ts";
import type { LiveStore } from "./store.ts";

/** What a person may do from a screen. Each answers in words when the server refuses or does not answer. */
export interface Actions {
  readonly acknowledge: (incident: IncidentId) => Promise<Ack>;
  readonly silence: (incident: IncidentId, forSeconds: Seconds, reason: string) => Promise<Ack>;
  /** Moves a recording, for everybody who watches it. */
  readonly transport: (command: TransportCommand) => Promise<Ack>;
  /** Every host as it stands, and one in full. */
  readonly hosts: () => Promise<Told<HostsDocument>>;
  readonly host: (node: NodeId) => Promise<Told<HostDocument>>;
  /** Exchanges a token for the session cookie and connects again. */
  readonly signIn: (token: string) => Promise<Ack>;
}

/** Where views get their state from: the socket, or a recorded frame in the lab. */
export interface LiveSource {
  readonly store: Pick<LiveStore, "get" | "subscribe">;
  readonly actions: Actions;
}

export const LiveContext = createContext<LiveSource | null>(null);
