import type { Millis } from "@mailtide/shared";
import type { AskDependency } from "./lookup.ts";
import { nameOf } from "./message.ts";
import type { NodeParts } from "./node-parts.ts";
import { createPostscreen } from "./postscreen.ts";
import { createSmtpd, type Smtpd } from "./smtpd.ts";
import type { Answer, Door, Session } from "./world.ts";

/** Ports 25 and 587 of a host. */
export interface NodeDoor extends Door {
  /** A line of the session's own process. */
  say(session: Session, text: string): void;
  tick(): void;
}

export interface DoorParts extends NodeParts {
  readonly ask: AskDependency;
  /** Makes the queue file. */
  accept(session: Session): void;
}

/** A client that hears nothing tries no longer than this. */
const noAnswerMs: Millis = 30_000;
/** Of connections that come to nothing, those of which smtpd sees the beginning. */
const halfOpenShare = 0.5;

export function createDoor(parts: DoorParts): NodeDoor {
  const { agenda, random, log, world, scenario, truth, name } = parts;
  const inbound = createSmtpd({ ...parts, service: "smtp", port: 25, tag: "postfix/smtpd" });
  const submission = createSmtpd({ ...parts, service: "submission", port: 587, tag: "postfix/submission/smtpd" });
  const smtpdOf = ({ saslUser }: Session): Smtpd => (saslUser === null ? inbound : submission);
  const postscreen = scenario.platform.postscreen.enabled ? createPostscreen(parts) : null;
  const halfOpen = parts.processes("postfix/smtpd", "half open");

  const comeToNothing = (session: Session, answered: (answer: Answer) => void) => {
    const isSeen = random.unit() < halfOpenShare;
    const process = isSeen ? halfOpen.take() : null;
    if (process !== null) log.say(process, `connect from ${nameOf(session.client)}`);
    agenda.at(agenda.nowMs + noAnswerMs, () => {
      if (process !== null) {
        log.say(process, `lost connection after CONNECT from ${nameOf(session.client)}`);
        log.say(process, `disconnect from ${nameOf(session.client)} commands=0/0`);
        halfOpen.give(process);
      }
      answered("no-answer");
    });
  };

  return {
    node: name,
    offer(session, tell) {
      const answered = (answer: Answer) => {
        if (answer !== "no-answer") truth.sources.seen(session, agenda.nowMs);
        tell(answer);
      };
      if (session.saslUser !== null) return submission.connect(session, answered);
      const lost = world.conditions.inboundTimeoutShare(name, agenda.nowMs);
      if (lost > 0 && random.unit() < lost) return comeToNothing(session, answered);
      if (postscreen === null) return inbound.connect(session, answered);
      postscreen.screen(session, () => inbound.connect(session, answered), answered);
    },
    say: (session, text) => smtpdOf(session).say(text),
    tick() {
      inbound.tick();
      submission.tick();
    },
  };
}
