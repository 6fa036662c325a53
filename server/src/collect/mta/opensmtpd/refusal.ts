import type { MailEvent } from "../../../core/event.ts";
import { putAnswer } from "../answer.ts";

/** A command that was refused, where the log does not say with which answer: one that is unknown or came at the wrong time. */
export function putRefusedCommand(event: MailEvent, command: string): void {
  putCommand(event, command);
  event.event = "reject";
  event.reject = true;
}

/** A command of a client, and the answer that it got; a refusal when that is of 400 and more. */
export function putRefusal(event: MailEvent, command: string, result: string): void {
  const stage = putCommand(event, command);
  putAnswer(event, result);
  if ((event.code ?? 0) < 400) return;
  // A table of ours that does not answer is no failure of the client's.
  event.event = stage !== "AUTH" ? "reject" : (event.code ?? 0) < 500 ? "warning" : "auth-failure";
  if (event.event !== "warning") event.reject = true;
}

function putCommand(event: MailEvent, command: string): string | undefined {
  const stage = /^[A-Za-z]{4,8}/.exec(command)?.[0].toUpperCase();
  if (stage !== undefined) event.stage = stage;
  const address = /<((?:"[^"]*")?[^>]*)>/.exec(command)?.[1];
  if (address !== undefined && stage === "RCPT") event.to = address;
  if (address !== undefined && stage === "MAIL") event.from = address;
  return stage;
}
