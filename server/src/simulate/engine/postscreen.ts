import type { EpochMs, Millis } from "@mailtide/shared";
import type { NodeParts } from "./node-parts.ts";
import { blockList } from "./refusal.ts";
import type { Answer, Session } from "./world.ts";

/** postscreen(8): looks at strangers before any smtpd is spent on them. */
export interface Postscreen {
  screen(session: Session, pass: () => void, answered: (answer: Answer) => void): void;
}

/** postscreen_greet_wait, postconf(5). */
const greetWaitMs: Millis = 6_000;
/** Those who wrote to us in the last month are let through at once. */
const knownShare = 0.9;
const mostKnown = 200_000;
const pregreetShare = 0.3;
const hangupShare = 0.2;

export function createPostscreen(parts: NodeParts): Postscreen {
  const { agenda, random, log } = parts;
  const process = parts.processes("postfix/postscreen").any();
  const blocklog = parts.processes("postfix/dnsblog");
  const known = new Set<string>();
  const remember = (ip: string) => {
    if (known.size >= mostKnown)
      for (const oldest of known) {
        known.delete(oldest);
        break;
      }
    known.add(ip);
  };

  const turnAway = (session: Session, peer: string, startMs: EpochMs, answered: (answer: Answer) => void) => {
    const { sender, helo, recipients } = session;
    const { ip } = session.client;
    log.say(blocklog.any(), `addr ${ip} listed by domain ${blockList} as 127.0.0.4`);
    const dice = random.unit();
    if (dice < pregreetShare)
      log.say(process, `PREGREET 14 after 0.0${1 + random.below(9)} from ${peer}: EHLO localhost\\r\\n`);
    agenda.at(startMs + greetWaitMs, () => {
      log.say(process, `DNSBL rank 4 for ${peer}`);
      if (dice > 1 - hangupShare) {
        log.say(process, `HANGUP after 0.${10 + random.below(90)} from ${peer} in tests after SMTP handshake`);
      } else {
        const said = `550 5.7.1 Service unavailable; client [${ip}] blocked using ${blockList}`;
        const to = recipients[0] ?? "";
        log.say(
          process,
          `NOQUEUE: reject: RCPT from ${peer}: ${said}; from=<${sender}>, to=<${to}>, proto=ESMTP, helo=<${helo}>`,
        );
      }
      log.say(process, `DISCONNECT ${peer}`);
      parts.tally.rejected++;
      answered("refused");
    });
  };

  return {
    screen(session, pass, answered) {
      const startMs = agenda.nowMs;
      const { ip } = session.client;
      const peer = `[${ip}]:${1024 + random.below(64_000)}`;
      log.say(process, `CONNECT from ${peer} to [192.0.2.250]:25`);
      if (session.refuse === "postscreen") return turnAway(session, peer, startMs, answered);
      if (!known.has(ip) && session.who === "innocent" && random.unit() < knownShare) remember(ip);
      if (known.has(ip)) {
        log.say(process, `PASS OLD ${peer}`);
        return pass();
      }
      agenda.at(startMs + greetWaitMs, () => {
        log.say(process, `PASS NEW ${peer}`);
        remember(ip);
        pass();
      });
    },
  };
}
