import type { IncomingMessage } from "node:http";
import type { Principal } from "../../core/principal.ts";

/** Who may do what, for requests and sockets alike. */
export interface Access {
  admit(request: IncomingMessage): Admission;
  authenticate(request: IncomingMessage, token: string | null): Promise<Principal | null>;
  isStillGood(principal: Principal): boolean;
  onRevoked(listener: () => void): () => void;
}
export type Admission =
  | { readonly ok: true; readonly address: string }
  | { readonly ok: false; readonly reason: "origin" | "address"; readonly detail: string };
