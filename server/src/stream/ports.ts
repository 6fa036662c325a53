import type { IncomingMessage } from "node:http";
import type { EpochMs, TransportCommand } from "@mailtide/shared";
import type { Principal } from "../core/principal.ts";

/** What the gateway asks about a caller; the rules themselves live with the principals. */
export interface SocketAccess {
  /** Before any byte of the protocol: is this page allowed to talk to us, and from which address does it come? */
  admit(request: IncomingMessage): Admission;
  /** `token` is what the client gave in its handshake; null is "unauthorized". */
  authenticate(request: IncomingMessage, token: string | null): Principal | null;
  /** False once the credential was revoked or has expired. An open wall keeps its session alive by being asked. */
  isStillGood(principal: Principal): boolean;
  /** Calls back whenever some credential lost its worth; returns how to stop listening. */
  onRevoked(listener: () => void): () => void;
}
export type Admission =
  | { readonly ok: true; readonly address: string }
  | { readonly ok: false; readonly reason: "origin" | "address"; readonly detail: string };

/** What is counted; one function an event. */
export interface StreamMetrics {
  clientsConnected(count: number): void;
  clientRefused(reason: RefusalReason): void;
  clientShed(): void;
  clientLagged(): void;
  frameSent(sections: number, bytes: number, seconds: number): void;
  snapshotSent(why: "first" | "gap" | "lagged" | "jump"): void;
}
export type RefusalReason = "origin" | "address" | "unauthorized" | "full" | "full-address" | "version" | "payload";

/** Moves a recording; throws nothing. */
export type Transport = (command: TransportCommand) => void;

/** Who did what, kept. */
export type Audit = (entry: {
  readonly atMs: EpochMs;
  readonly principal: string;
  readonly action: string;
  readonly detail: string;
}) => Promise<void>;
