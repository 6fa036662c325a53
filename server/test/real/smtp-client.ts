import { connect } from "node:net";

/**
 * Says the lines one after the other, each after the answer to the one before; resolves to the answers, greeting first.
 * Ends with QUIT after a 4xx or 5xx. `preface` is written before the greeting: a PROXY line.
 */
export async function speakSmtp(port: number, lines: readonly string[], preface = ""): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    const answers: string[] = [];
    let pending = "";
    let step = 0;
    socket.setNoDelay(true);
    if (preface !== "") socket.write(preface);
    socket.setTimeout(120_000, () => socket.destroy(new Error("the SMTP session timed out")));
    socket.on("data", (data) => {
      pending += data.toString("latin1");
      for (;;) {
        const reply = /^(?:\d{3}-[^\n]*\n)*(\d{3} [^\n]*)\n/.exec(pending);
        if (reply === null) return;
        pending = pending.slice(reply[0].length);
        answers.push((reply[1] ?? "").trimEnd());
        const refused = /^[45]/.test(reply[1] ?? "");
        const line = refused && lines[step] !== "QUIT" ? "QUIT" : lines[step];
        step = refused ? lines.length : step + 1;
        if (line === undefined) socket.end();
        else socket.write(`${line}\r\n`);
      }
    });
    socket.once("error", reject);
    socket.once("close", () => resolve(answers));
  });
}

/** The lines of a session that hands one message over. */
export function handOver(from: string, to: readonly string[], text: string, before: readonly string[] = []): string[] {
  return [
    "EHLO client.test",
    ...before,
    `MAIL FROM:<${from}>`,
    ...to.map((address) => `RCPT TO:<${address}>`),
    "DATA",
    `${text}\r\n.`,
    "QUIT",
  ];
}
