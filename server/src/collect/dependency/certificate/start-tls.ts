import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { ProbeFailure } from "../probe.ts";

/** Speaks SMTP up to a granted STARTTLS (RFC 3207) and hands the socket over; rejects in words. */
export async function startTls(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  const socket = connect({ host, port, signal });
  const hungUp = (): void =>
    void socket.destroy(new ProbeFailure("the server closed the connection in place of an answer"));
  socket.once("end", hungUp);
  try {
    await once(socket, "connect");
    await reply(socket, "220", signal);
    socket.write("EHLO mailtide.invalid\r\n");
    const offered = await reply(socket, "250", signal);
    if (!/^250[ -]STARTTLS\r?$/imu.test(offered)) throw new ProbeFailure("the server offers no STARTTLS");
    socket.write("STARTTLS\r\n");
    await reply(socket, "220", signal);
    socket.off("end", hungUp);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** Reads one reply, however many lines it has (RFC 5321, 4.2.1). */
async function reply(socket: Socket, code: string, signal: AbortSignal): Promise<string> {
  let text = "";
  while (!/^\d{3}(?: .*)?\r?\n/mu.test(text)) {
    const [chunk] = (await once(socket, "data", { signal })) as [Buffer];
    text += chunk.toString("latin1");
    if (text.length > mostCharacters) throw new ProbeFailure("the server answers without end");
  }
  const last = text.trimEnd().split("\n").at(-1) ?? "";
  if (!last.startsWith(code)) throw new ProbeFailure(`the server says ${last.trim().slice(0, 120)}`);
  return text;
}

const mostCharacters = 16_384;
