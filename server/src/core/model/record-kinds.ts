import type { NodeId } from "@mailtide/shared";
import { type Message, newMessage } from "./message.ts";
import { newUnit } from "./unit.ts";

/**
 * Engines compile for the kinds of values that a field has held so far, and compile all that reads the field anew once it
 * holds another: nothing where there was something. So before the first message comes, one
 * message and its unit have held every kind.
 */
export function teachKinds(node: NodeId): void {
  const message = newMessage(node, "", 0, "unknown");
  const unit = newUnit(message, "in", true);
  for (const isEmpty of [false, true]) {
    unit.message = isEmpty ? null : message;
    message.rest = message.firstUnit = isEmpty ? null : unit;
    message.older = message.newer = isEmpty ? null : newMessage(node, "", 0, "client");
    message.units = [unit];
    teachTexts(message, isEmpty);
  }
}

function teachTexts(message: Message, isEmpty: boolean): void {
  message.first = "";
  message.sender = message.clientIp = isEmpty ? null : "";
  message.more = isEmpty ? null : new Map();
  message.unsaid = isEmpty ? null : [];
  message.split = isEmpty ? null : { whole: message, files: new Map(), silent: 0, queued: 0 };
}
