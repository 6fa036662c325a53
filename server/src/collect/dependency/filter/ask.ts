import { once } from "node:events";
import { connect, type Socket } from "node:net";

export interface FilterAddress {
  readonly host: string;
  readonly port: number;
  /** A local socket in place of host and port. */
  readonly socket: string | undefined;
}

/** One question on a connection of its own, read until `whole` matches, the filter ends or it is too long to be an answer. */
export async function ask(
  { host, port, socket: path }: FilterAddress,
  question: string | Buffer,
  whole: RegExp,
  signal: AbortSignal,
): Promise<string> {
  const socket = connect(path === undefined ? { host, port, signal } : { path, signal });
  try {
    await once(socket, "connect");
    socket.write(question);
    return await read(socket, whole, signal);
  } finally {
    socket.destroy();
  }
}

async function read(socket: Socket, whole: RegExp, signal: AbortSignal): Promise<string> {
  let text = "";
  const ended = new Promise<null>((resolve) => socket.once("end", () => resolve(null)));
  while (!whole.test(text) && text.length < mostCharacters) {
    const data = (once(socket, "data", { signal }) as Promise<[Buffer]>).catch(cutOff);
    const chunk = await Promise.race([data, ended]);
    if (chunk === null) break;
    text += chunk[0].toString("latin1");
  }
  return text;
}

/** Who is not let in is cut off with the question unread, which the network tells as a reset. */
function cutOff(error: unknown): null {
  if ((error as { code?: unknown }).code === "ECONNRESET") return null;
  throw error;
}

const mostCharacters = 65_536;
