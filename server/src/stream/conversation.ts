import type { Ack, EpochMs, HelloAck } from "@mailtide/shared";
import type { z } from "zod";
import { may } from "../core/principal.ts";
import type { CommandOutcome, OperatorCommands, Principal } from "../core/principal.ts";
import type { Logger } from "../observe/logger.ts";
import { hangUp } from "./line.ts";
import type { Line, LiveSocket } from "./line.ts";
import { acknowledgeMessage, silenceMessage, transportMessage } from "./messages.ts";
import type { Audit, SocketAccess, StreamMetrics, Transport } from "./ports.ts";

export interface ConversationParts {
  readonly access: SocketAccess;
  readonly commands: OperatorCommands;
  readonly transport?: Transport;
  readonly audit: Audit;
  readonly now: () => EpochMs;
  readonly metrics: StreamMetrics;
  readonly logger: Logger;
}

/** Answers what one client asks to be done. */
export function answerCommands(line: Line, parts: ConversationParts): void {
  const { socket } = line;
  const { commands, transport } = parts;
  socket.on("acknowledge", (message, reply) => {
    void answer(acknowledgeMessage, message, reply, line, parts, {
      action: "acknowledge",
      detail: (asked) => asked.incident,
      run: (asked, by) => commands.acknowledge(asked.incident, by),
    });
  });
  socket.on("silence", (message, reply) => {
    void answer(silenceMessage, message, reply, line, parts, {
      action: "silence",
      detail: (asked) => `${asked.incident} for ${asked.forSeconds} s: ${asked.reason}`,
      run: (asked, by) => commands.silence(asked, by),
    });
  });
  socket.on("transport", (message, reply) => {
    void answer(transportMessage, message, reply, line, parts, {
      // Nothing that lasts is changed by looking elsewhere in a recording.
      detail: null,
      action: "transport",
      async run(asked) {
        if (transport === undefined) return { ok: false, kind: "conflict", error: "This is not a recording." };
        transport(asked);
        return { ok: true };
      },
    });
  });
}

interface Command<T> {
  readonly action: string;
  /** For the audit; null leaves none. */
  readonly detail: ((asked: T) => string) | null;
  readonly run: (asked: T, by: Principal) => Promise<CommandOutcome>;
}

async function answer<T>(
  schema: z.ZodType<T>,
  message: unknown,
  reply: unknown,
  line: Line,
  { access, metrics, logger, audit, now }: ConversationParts,
  { action, detail, run }: Command<T>,
): Promise<void> {
  const say = replier(reply);
  const { principal } = line;
  if (!access.isStillGood(principal) || !may(principal, "ack")) {
    return say({ ok: false, error: "You may look but not act: sign in with a token that has the scope ack." });
  }
  const asked = schema.safeParse(message);
  if (!asked.success) {
    metrics.clientRefused("payload");
    return say({ ok: false, error: "This request is not well formed." });
  }
  try {
    const outcome = await run(asked.data, principal);
    if (!outcome.ok) return say({ ok: false, error: outcome.error });
    if (detail !== null) {
      await audit({ atMs: now(), principal: principal.name, action, detail: detail(asked.data) });
    }
    say({ ok: true });
  } catch (error) {
    logger.error("a command from a screen failed", { error, action, principal: principal.name });
    say({ ok: false, error: "Mailtide could not do this now. Try again." });
  }
}

/** A client decides whether it wants an answer, and may send anything in its place. */
export function replier(reply: unknown): (ack: Ack | HelloAck) => void {
  return typeof reply === "function" ? (ack) => void reply(ack) : () => {};
}

const burst = 20;
const perSecond = 5;

/** Nobody clicks this fast: a client that talks more than this is hung up on. */
export function limitTalk(socket: LiveSocket, monotonicNow: () => number, onExcess: () => void): void {
  let left = burst;
  let lastMs = monotonicNow();
  socket.use((_, next) => {
    const nowMs = monotonicNow();
    left = Math.min(burst, left + ((nowMs - lastMs) / 1000) * perSecond) - 1;
    lastMs = nowMs;
    if (left >= 0) return next();
    onExcess();
    hangUp(socket);
  });
}
