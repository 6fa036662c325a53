import { setTimeout as sleep } from "node:timers/promises";
import type { Seconds } from "@mailtide/shared";
import { createClient, type Client } from "../agent/client.ts";
import { ClockOffset } from "../agent/clock.ts";
import { worstOffsetMs } from "../collect/agent/node.ts";
import { type Introduction, spoken, versionProblem } from "../collect/agent/wire.ts";
import type { Config } from "../config/schema.ts";
import { durationText } from "../core/text/figures.ts";
import { command, type Finding, inFile, ok, shellWord } from "./finding.ts";
import { judgeSpool, roomAt } from "./room.ts";

type AgentSettings = NonNullable<Config["agent"]>;

/** Asks the server whether it would take what the agent sends, and looks at the room of its spool. Sends no facts. */
export async function tryAgent({ server, token, ca, spool }: AgentSettings, node: string): Promise<Finding[]> {
  const [answered, room] = await Promise.all([
    ask({ url: server, token: token.reveal(), ca }),
    roomAt(spool.path, spool.max),
  ]);
  return [...judgeServer(server, node, answered), judgeSpool(room)];
}

export type Answered =
  | { readonly introduction: Introduction; readonly offsetSeconds: Seconds | null }
  | { readonly why: string };

/** Three times, since the way of one question may be slow on one side only. */
async function ask(at: { url: string; token: string; ca: string | undefined }): Promise<Answered> {
  const clock = new ClockOffset();
  let client: Client | null = null;
  try {
    client = createClient({ ...at, deadlineMs: 5_000 });
    let introduction: Introduction | null = null;
    for (let times = 0; times < 3; times++) {
      const sentMs = Date.now();
      introduction = await client.introduce(AbortSignal.timeout(5_000));
      clock.add({ ...introduction, sentMs, gotMs: Date.now() });
      await sleep(20);
    }
    if (introduction === null) return { why: "was not asked" };
    const best = clock.best();
    return { introduction, offsetSeconds: best === null ? null : best.offsetMs / 1000 };
  } catch (error) {
    const { message, code } = error as { message?: string; code?: string };
    const nobody = "nobody listens there, or a firewall says so: is the server running, and is this its address?";
    const said = message || code || "cannot be reached";
    return { why: code === "ECONNREFUSED" ? `${said} (ECONNREFUSED): ${nobody}` : said };
  } finally {
    client?.close();
  }
}

export function judgeServer(url: string, node: string, answered: Answered): Finding[] {
  const what = `server ${url}`;
  if ("why" in answered) {
    const reason = "Until then everything waits in the spool of this host, and the screens say that it is silent.";
    const isToken = /does not know this token|this token (?:was|is) |This token has no node|of this token/.test(
      answered.why,
    );
    const isSigner = /signs? the certificate|signed by|^agent\.ca: /.test(answered.why);
    const entry = `- { name: ${node}-agent, secret: { env: NAME }, scopes: [ingest], node: ${node} }`;
    return [
      {
        verdict: "FAILS",
        what,
        says: answered.why,
        why: reason,
        mend: isToken
          ? inFile('mailtide.yaml of the server, below "auth: tokens:"', entry)
          : isSigner
            ? inFile("the agent's configuration, below agent", "ca: /PATH/TO/THE-AUTHORITY.pem")
            : command(`curl -v ${shellWord(new URL("/healthz", url).href)}`),
      },
    ];
  }
  const { introduction, offsetSeconds } = answered;
  if (introduction.node !== node) {
    const says = `its token is of the node ${introduction.node}, and this agent is configured as ${node}`;
    return [
      {
        verdict: "FAILS",
        what,
        says,
        mend: inFile("mailtide.yaml of this host", `nodes: [{ id: ${introduction.node}, ... }]`),
      },
    ];
  }
  const older = versionProblem(spoken.newest, introduction.protocol);
  if (older !== null) return [{ verdict: "FAILS", what, says: older }];
  const taken = ok(what, `answers, and takes this token for ${node}`);
  if (offsetSeconds === null || Math.abs(offsetSeconds) < 1) return [taken];
  const direction = offsetSeconds > 0 ? "behind" : "ahead of";
  const off = Math.abs(offsetSeconds);
  const fails = off * 1000 >= worstOffsetMs;
  return [
    taken,
    {
      verdict: fails ? "FAILS" : "note",
      what: "clock of this host",
      says: `it is ${off < 60 ? `${off.toFixed(1)} s` : durationText(off)} ${direction} the server's`,
      why: fails
        ? "The times in its log are as wrong, and so is every wait that is made of them: the node stands as failing until both clocks agree."
        : "Mailtide measures and allows for it, but a clock that is set while mail flows makes waits wrong for that moment.",
      mend: command("timedatectl set-ntp true"),
    },
  ];
}
