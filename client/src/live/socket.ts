import { protocolVersion } from "@mailtide/shared";
import type { Ack, ClientToServer, Cursor, ServerToClient } from "@mailtide/shared";
import { io } from "socket.io-client";
import type { Socket } from "socket.io-client";
import { text } from "../text/en.ts";
import type { Link } from "./model.ts";
import type { LiveStore } from "./store.ts";

export interface LiveSocket {
  readonly start: () => void;
  readonly reconnect: () => void;
  readonly hello: (held: Cursor | null) => void;
  readonly acknowledge: (message: Parameters<ClientToServer["acknowledge"]>[0]) => Promise<Ack>;
  readonly silence: (message: Parameters<ClientToServer["silence"]>[0]) => Promise<Ack>;
  readonly transport: (message: Parameters<ClientToServer["transport"]>[0]) => Promise<Ack>;
}

type Target = Pick<LiveStore, "snapshot" | "delta" | "granted" | "link" | "cursor">;

const replyWithinMs = 8_000;
/** A wall that was refused tries again: the token may have been given back. */
const refusedAgainMs = 15_000;

export function createLiveSocket(store: Target, onOutdated: () => void): LiveSocket {
  const socket: Socket<ServerToClient, ClientToServer> = io({
    autoConnect: false,
    transports: ["websocket", "polling"],
    withCredentials: true,
    reconnectionDelay: 500,
    reconnectionDelayMax: 5_000,
    timeout: 5_000,
  });
  // Set by `goodbye`, which says why the server is about to hang up.
  let farewell: Link | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function again(afterMs: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => socket.connect(), afterMs);
  }

  function hello(held: Cursor | null): void {
    const message = held === null ? { version: protocolVersion } : { version: protocolVersion, cursor: held };
    socket.timeout(replyWithinMs).emit("hello", message, (failed, ack) => {
      if (failed !== null) return;
      if (ack.ok) {
        store.granted(ack.scopes);
        return;
      }
      farewell = { kind: "outdated", detail: ack.error };
      store.link(farewell);
    });
  }

  socket.on("connect", () => {
    farewell = null;
    store.link({ kind: "open" });
    hello(store.cursor());
  });
  socket.on("snapshot", store.snapshot);
  socket.on("delta", store.delta);
  socket.on("goodbye", ({ reason, detail }) => {
    if (reason === "version") farewell = { kind: "outdated", detail };
    else if (reason === "revoked") farewell = { kind: "unauthorized", revoked: true };
    else farewell = { kind: "lost", reason: detail };
    if (reason === "version") onOutdated();
  });
  socket.on("disconnect", () => {
    store.link(farewell ?? { kind: "lost", reason: text.link.lost });
    // After a hang-up by the server socket.io does not come back by itself.
    if (!socket.active) again(farewell?.kind === "unauthorized" ? refusedAgainMs : 1_000 + Math.random() * 1_000);
  });
  socket.on("connect_error", (error) => {
    const refused = error.message === "unauthorized";
    store.link(refused ? { kind: "unauthorized", revoked: false } : { kind: "lost", reason: text.link.unreachable });
    if (!socket.active) again(refused ? refusedAgainMs : 2_000);
  });

  return {
    start: () => socket.connect(),
    reconnect() {
      clearTimeout(timer);
      socket.disconnect().connect();
    },
    hello,
    acknowledge: (message) => answered((done) => socket.timeout(replyWithinMs).emit("acknowledge", message, done)),
    silence: (message) => answered((done) => socket.timeout(replyWithinMs).emit("silence", message, done)),
    transport: (message) => answered((done) => socket.timeout(replyWithinMs).emit("transport", message, done)),
  };
}

function answered(send: (done: (failed: Error | null, ack: Ack) => void) => void): Promise<Ack> {
  return new Promise((resolve) => {
    send((failed, ack) => resolve(failed === null ? ack : { ok: false, error: text.link.noAnswer }));
  });
}
