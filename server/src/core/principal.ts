import type { IncidentId, NodeId, Scope, Seconds } from "@mailtide/shared";

/** Who asks. Every call has one; there is no call without. */
export interface Principal {
  /** As it stands in the audit and beside an acknowledgement. */
  readonly name: string;
  readonly kind: "token" | "session" | "proxy" | "anonymous-loopback";
  readonly scopes: readonly Scope[];
  /** Opaque: names the credential, so that a revoked one can be found again. Never a secret, never shown. */
  readonly credential: string;
  /** An agent's token is of one node, and speaks of no other. */
  readonly node?: NodeId;
}

/** `admin` may do everything. */
export function may(principal: Principal, scope: Scope): boolean {
  return principal.scopes.includes(scope) || principal.scopes.includes("admin");
}

/** What people ask of incidents, from a screen or through the API; the answer comes after it is durable. */
export interface OperatorCommands {
  acknowledge(incident: IncidentId, by: Principal): Promise<CommandOutcome>;
  silence(request: SilenceRequest, by: Principal): Promise<CommandOutcome>;
}
export interface SilenceRequest {
  readonly incident: IncidentId;
  readonly forSeconds: Seconds;
  readonly reason: string;
}
export type CommandOutcome =
  | { readonly ok: true }
  /** `unknown`: no such incident. `conflict`: its state forbids it. `unavailable`: not now, worth another try. */
  | { readonly ok: false; readonly kind: "unknown" | "conflict" | "unavailable"; readonly error: string };
