import type { IncomingMessage } from "node:http";
import type { RefusalReason, SocketAccess } from "./ports.ts";

export interface ClientLimits {
  readonly clients: number;
  readonly perAddress: number;
}

/** The door: who may open a connection at all, before a byte of the protocol is read. */
export interface Door {
  /** null lets it in; the address then counts until `left`. */
  refuse(request: IncomingMessage): { readonly reason: RefusalReason; readonly detail: string } | null;
  entered(request: IncomingMessage): void;
  left(request: IncomingMessage): void;
  count(): number;
}

export function createDoor(access: SocketAccess, limits: ClientLimits): Door {
  const perAddress = new Map<string, number>();
  const addressOf = new WeakMap<IncomingMessage, string>();
  let count = 0;

  return {
    refuse(request) {
      const admission = access.admit(request);
      if (!admission.ok) return admission;
      if (count >= limits.clients) return { reason: "full", detail: "too many screens are connected" };
      if ((perAddress.get(admission.address) ?? 0) >= limits.perAddress) {
        return { reason: "full-address", detail: "too many screens are connected from this address" };
      }
      addressOf.set(request, admission.address);
      return null;
    },
    entered(request) {
      const address = addressOf.get(request) ?? "";
      perAddress.set(address, (perAddress.get(address) ?? 0) + 1);
      count++;
    },
    left(request) {
      const address = addressOf.get(request) ?? "";
      const rest = (perAddress.get(address) ?? 1) - 1;
      if (rest > 0) perAddress.set(address, rest);
      else perAddress.delete(address);
      count--;
    },
    count: () => count,
  };
}
