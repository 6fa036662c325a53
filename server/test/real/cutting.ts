import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** What happens to a connection once so much of the answer has passed. */
export type Ending = "closed" | "silent" | "reset";

export interface CuttingRelay {
  readonly port: number;
  /** From the next connection on; Infinity passes everything, 0 ends it at the first word of whoever asks. */
  cutAfter(bytes: number, ending: Ending): void;
  /** Connections that whoever asks still holds. */
  readonly held: number;
  stop(): void;
}

/** Stands before a real server of this host and ends what it says in the middle: after so many bytes of its answers. */
export async function startCutting(toPort: number): Promise<CuttingRelay> {
  let [most, how]: [number, Ending] = [Number.POSITIVE_INFINITY, "closed"];
  const all = new Set<Socket>();
  const held = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    all.add(socket);
    return socket.on("error", () => socket.destroy()).on("close", () => all.delete(socket));
  };
  const server = createServer((asking) => {
    let left = most;
    const ending = how;
    const endsAtOnce = most === 0;
    const end = (): void => {
      if (ending === "closed") asking.end();
      else if (ending === "reset") asking.resetAndDestroy();
    };
    const answering = keep(connect(toPort, "127.0.0.1"));
    held.add(keep(asking));
    asking.on("close", () => {
      held.delete(asking);
      answering.destroy();
    });
    asking.on("data", (chunk) => {
      if (endsAtOnce) end();
      else if (answering.writable) answering.write(chunk);
    });
    answering.on("close", () => void (left > 0 && asking.end()));
    answering.on("data", (chunk: Buffer) => {
      if (left <= 0) return;
      const passed = chunk.subarray(0, left);
      left -= passed.length;
      asking.write(passed, () => {
        if (left === 0) end();
      });
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as { port: number }).port,
    cutAfter: (bytes, ending) => void ([most, how] = [bytes, ending]),
    get held() {
      return held.size;
    },
    stop() {
      for (const socket of all) socket.destroy();
      server.close();
    },
  };
}
