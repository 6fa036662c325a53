import { once } from "node:events";
import { connect } from "node:net";
import { beginningWith, readPieces } from "../../../queue/run.ts";
import type { QueueWay } from "../../../queue/way.ts";
import { postqueueP } from "../postqueue-p.ts";
import { showq } from "../showq.ts";
import { WayClosed } from "./closed.ts";

/**
 * What postqueue(1) asks: the socket of showq(8), without a program in between. It is for the group postdrop. Before Postfix
 * 3.1 it says what mailq(1) prints.
 */
export function showqWay(queueDirectory: string): QueueWay {
  const path = `${queueDirectory}/public/showq`;
  return {
    name: "showq",
    mta: "postfix",
    async list(context, signal, take) {
      const socket = connect(path);
      const giveUp = (): void => void socket.destroy(new Error(`${path}: no end within the deadline`));
      signal.addEventListener("abort", giveUp, { once: true });
      try {
        await once(socket, "connect").catch((error: unknown) => {
          throw closed(path, error);
        });
        const chunks = (socket as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
        const first = await chunks.next();
        const head = first.done === true ? Buffer.alloc(0) : first.value;
        const isText = postqueueP.detects(head.toString("latin1", 0, longestHeading));
        const reader = (isText ? postqueueP : showq).read(context, take);
        await readPieces(beginningWith(head, chunks), reader);
        reader.end();
        if (reader.complete !== true) throw new Error(`${path}: the listing broke off`);
        return reader.garbled;
      } finally {
        signal.removeEventListener("abort", giveUp);
        socket.destroy();
      }
    },
  };
}

const longestHeading = 200;

function closed(path: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "EACCES" || code === "EPERM")
    return new WayClosed(`${path} may not be asked: that needs the group postdrop`);
  if (code === "ENOENT" || code === "ECONNREFUSED")
    return new WayClosed(`nobody answers at ${path}: this Postfix does not run`);
  return error;
}
