import { connect } from "node:net";

export interface Session {
  readonly clientIp: string;
  readonly from: string;
  readonly to: string;
}
export interface LoadOptions {
  readonly port: number;
  /** How the client address is presented. */
  readonly by: "xclient" | "proxy";
  readonly parallel?: number;
}

/** A distinct public address for every number below 16 million. */
export const addressOf = (index: number): string =>
  `${45 + (index >> 16)}.${(index >> 8) & 255}.${(index * 7) & 255}.${1 + (index % 250)}`;

/** One session and one message each; resolves to how many were accepted. */
export async function sendMail(sessions: Iterable<Session>, options: LoadOptions): Promise<number> {
  const source = sessions[Symbol.iterator]();
  let accepted = 0;
  const worker = async (): Promise<void> => {
    for (let next = source.next(); next.done !== true; next = source.next()) {
      if (await converse(next.value, options)) accepted += 1;
    }
  };
  await Promise.all(Array.from({ length: options.parallel ?? 20 }, worker));
  return accepted;
}

/** Speaks SMTP (RFC 5321) with one message; true when the message was taken. */
async function converse({ clientIp, from, to }: Session, { port, by }: LoadOptions): Promise<boolean> {
  const hello = "EHLO client.test";
  const xclient = `XCLIENT ADDR=${clientIp} NAME=[UNAVAILABLE] HELO=client.test PROTO=ESMTP`;
  const dialogue = [
    hello,
    ...(by === "xclient" ? [xclient, hello] : []),
    `MAIL FROM:<${from}>`,
    `RCPT TO:<${to}>`,
    "DATA",
    `From: <${from}>\r\nTo: <${to}>\r\nSubject: test\r\n\r\nbody\r\n.`,
    "QUIT",
  ];
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let pending = "";
    let step = 0;
    let taken = false;
    socket.setNoDelay(true);
    socket.setTimeout(120_000, () => socket.destroy(new Error("SMTP session timed out")));
    if (by === "proxy") socket.write(`PROXY TCP4 ${clientIp} 127.0.0.1 40000 25\r\n`);
    socket.on("data", (data) => {
      pending += data.toString("latin1");
      for (;;) {
        const reply = /^(?:\d{3}-[^\n]*\n)*(\d)\d\d [^\n]*\n/.exec(pending);
        if (reply === null) return;
        pending = pending.slice(reply[0].length);
        if (step === dialogue.length - 1) taken = reply[1] === "2";
        const command = (reply[1] === "4" || reply[1] === "5") && step > 0 ? "QUIT" : dialogue[step];
        step = command === "QUIT" ? dialogue.length : step + 1;
        if (command === undefined) socket.end();
        else socket.write(`${command}\r\n`);
      }
    });
    socket.once("error", reject);
    socket.once("close", () => resolve(taken));
  });
}
