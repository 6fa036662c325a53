import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { freePort, type RunningProgram, temporaryFolder, until } from "../real/process.ts";
import { smallDisk } from "../real/small-disk.ts";
import { answers, journalOf, logsIn, lossesIn, spoolOf, startAgent, startServer } from "./running.ts";

test(
  "of the lines that an agent took by syslog before it was killed, none vanishes uncounted",
  { timeout: 300_000 },
  async () => {
    const folder = temporaryFolder("agent-syslog");
    onTestFinished(() => folder.remove());
    const spool = spoolOf(folder.path, "agent");
    const disk = smallDisk(spool, "18m");
    onTestFinished(() => disk.remove());
    const [port, syslog] = [await freePort(), await freePort()];
    const places = { folder: folder.path, serverPort: port, agentPort: port };
    const server = startServer(places);
    onTestFinished(() => server.stop("SIGKILL"));
    await answers(port);
    const collect = "{ type: postfix-log, syslog: { address: [127.0.0.1] } }";
    const start = (): RunningProgram =>
      startAgent(places, { collect, syslog: `{ tcp: "127.0.0.1:${syslog}" }`, spoolMax: "16MiB" });
    /** As it keeps it; what is in the kernel's buffer when it is killed is in no count. */
    const taken = (): number => Number(readFileSync(join(spool, "syslog-taken", "mx2%2Fpostfix-log"), "latin1"));
    const ballast = join(spool, "ballast");
    /**
     * What is left of a page is less than a hundred lines take, and so long as the spool is one file nothing of it goes: some
     * of the lines that come next stay in the agent's memory.
     */
    const fill = (): void => expect(() => writeFileSync(ballast, Buffer.alloc(18 << 20))).toThrow(/ENOSPC/);

    let sent = 0;
    const send = (socket: Socket): void => {
      const lines = Array.from({ length: 100 }, () => {
        const id = (0xa0000000 + sent++).toString(16).toUpperCase();
        return `<22>1 2026-11-30T10:00:00Z mx2 postfix/qmgr 7 - - ${id}: removed\n`;
      });
      socket.write(lines.join(""));
    };
    for (let kills = 0; kills < 5; kills++) {
      const agent = start();
      onTestFinished(() => agent.stop("SIGKILL"));
      const socket = await until("it listens", () => dial(syslog));
      send(socket);
      await until("they are taken", () => taken() === sent);
      // Some of them are in its spool by then, or none: so soon after they were read. Every other time some cannot be.
      if (kills % 2 === 1) fill();
      for (let more = 0; more < kills; more++) {
        send(socket);
        await until("they are taken", () => taken() === sent);
      }
      await agent.stop("SIGKILL");
      socket.destroy();
      rmSync(ballast, { force: true });
    }
    const last = start();
    onTestFinished(() => last.stop("SIGKILL"));
    send(await until("it listens", () => dial(syslog)));
    await until("they are taken", () => taken() === sent);
    await last.stop();
    await server.stop();
    const all = await journalOf(folder.path);
    const ids = logsIn(all).map(({ event }) => event.queueId);
    const lost = lossesIn(all).reduce((sum, { lines }) => sum + lines, 0);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length + lost).toBe(sent);
    expect(lost).toBeGreaterThan(0);
  },
);

async function dial(port: number): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1" });
  socket.on("error", () => undefined);
  await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  return socket;
}
