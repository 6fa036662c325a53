import type { Bytes, ClientToServer, EpochMs, ServerToClient } from "@mailtide/shared";
import type { DefaultEventsMap, Socket } from "socket.io";
import type { Principal } from "../core/principal.ts";

export interface SocketData {
  readonly principal: Principal;
}
export type LiveSocket = Socket<ClientToServer, ServerToClient, DefaultEventsMap, SocketData>;
type Engine = LiveSocket["conn"];
type Goodbye = Parameters<ServerToClient["goodbye"]>[0];

/** Where a client stands. Only `live` ones are sent deltas. */
export type Phase =
  | { readonly kind: "silent" }
  /** Said hello before the first state was there. */
  | { readonly kind: "waiting" }
  | { readonly kind: "live" }
  /** Reads too slowly: gets nothing until its buffer is empty, then a snapshot. */
  | { readonly kind: "lagging"; readonly sinceMs: EpochMs };

export interface Line {
  readonly socket: LiveSocket;
  readonly principal: Principal;
  phase: Phase;
}

/** What was handed to the transport and has not left this process yet. */
export function bufferedBytes(conn: Engine): Bytes {
  let bytes = webSocketOf(conn)?.bufferedAmount ?? 0;
  const waiting = (conn as unknown as { readonly writeBuffer: readonly { readonly data?: unknown }[] }).writeBuffer;
  for (const { data } of waiting) if (typeof data === "string") bytes += data.length;
  return bytes;
}

const hangUpWithinMs = 1_000;

/** Says why and closes. A peer that does not read cannot be closed politely: it is cut off after a second. */
export function sayGoodbye(socket: LiveSocket, message: Goodbye): void {
  socket.emit("goodbye", message);
  hangUp(socket);
}

export function hangUp(socket: LiveSocket): void {
  if (!socket.connected) return;
  const { conn } = socket;
  socket.disconnect(true);
  const cut = setTimeout(() => {
    webSocketOf(conn)?.terminate();
    conn.close(true);
  }, hangUpWithinMs);
  cut.unref();
  conn.once("close", () => clearTimeout(cut));
}

interface WebSocketLike {
  readonly bufferedAmount: number;
  terminate(): void;
}
/** engine.io keeps the WebSocket to itself; nothing else tells how much is waiting. Long polling has none. */
function webSocketOf(conn: Engine): WebSocketLike | null {
  if (conn.transport.name !== "websocket") return null;
  return (conn.transport as unknown as { readonly socket?: WebSocketLike }).socket ?? null;
}
