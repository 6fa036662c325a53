import type { MailEvent } from "../../../core/event.ts";
import { putAnswer } from "../answer.ts";

/** A command of a client, and the answer that it got; a refusal when that is of 400 and more. */
export function putRefusal(event: MailEvent, command: string, result: string): void {
  const stage = /^[A-Za-z]{4,8}/.exec(command)?.[0].toUpperCase();
  if (stage !== undefined) event.stage = stage;
  const address = /<((?:"[^"]*")?[^>]*)>/.exec(command)?.[1];
  if (address !== undefined && stage === "RCPT") event.to = address;
  if (address !== undefined && stage === "MAIL") event.from = address;
  putAnswer(event, result);
  if ((event.code ?? 0) < 400) return;
  // A table of ours that does not answer is no failure of the client's.
  event.event = stage !== "AUTH" ? "reject" : (event.code ?? 0) < 500 ? "warning" : "auth-failure";
  if (event.event !== "warning") event.reject = true;
}
