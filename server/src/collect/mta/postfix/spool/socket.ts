import { once } from "node:events";
import { connect } from "node:net";
import { readPieces } from "../../../queue/run.ts";
import type { QueueWay } from "../../../queue/way.ts";
import { showq } from "../showq.ts";
import { WayClosed } from "./closed.ts";

/** What postqueue(1) asks: the socket of showq(8), without a program in between. It is for the group postdrop. */
export function showqWay(queueDirectory: string): QueueWay {
  const path = `${queueDirectory}/public/showq`;
  return {
    name: "showq",
    mta: "postfix",
    async list(context, signal, take) {
      const reader = showq.read(context, take);
      const socket = connect(path);
      const giveUp = (): void => void socket.destroy(new Error(`${path}: no end within the deadline`));
      signal.addEventListener("abort", giveUp, { once: true });
      try {
        await once(socket, "connect").catch((error: unknown) => {
          throw closed(path, error);
        });
        await readPieces(socket as AsyncIterable<Buffer>, reader);
      } finally {
        signal.removeEventListener("abort", giveUp);
        socket.destroy();
      }
      reader.end();
      if (reader.complete !== true) throw new Error(`${path}: the listing broke off`);
      return reader.garbled;
    },
  };
}

function closed(path: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "EACCES" || code === "EPERM")
    return new WayClosed(`${path} may not be asked: that needs the group postdrop`);
  if (code === "ENOENT" || code === "ECONNREFUSED")
    return new WayClosed(`nobody answers at ${path}: this Postfix does not run`);
  return error;
}
