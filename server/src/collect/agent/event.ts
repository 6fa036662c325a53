import { z } from "zod";
import { deliveryStatuses, type MailEvent, mailEventKinds } from "../../core/event.ts";
import { figure } from "./bounds.ts";

const text = z.string().max(65_536);
const duration = z.number().min(-1e10).max(1e10);

/** What a log line says (core/event.ts), as another host states it. Keys that are not known are left out. */
export const mailEvent: z.ZodType<MailEvent> = z.object({
  event: z.enum(mailEventKinds),
  ...optional(figure, ["atMs", "pid", "clientPort", "size", "nrcpt", "relayPort", "code"]),
  ...optional(figure, ["lostLines", "repeated", "score", "required"]),
  ...optional(duration, ["delay"]),
  ...optional(text, ["host", "process", "queueId", "clientIp", "clientName", "helo", "saslMethod", "saslUsername"]),
  ...optional(text, ["messageId", "from", "to", "origTo", "relay", "relayIp", "dsn", "reason", "stage", "action"]),
  ...optional(text, ["proto", "tls", "transport", "bounceQueueId", "nextQueueId", "origQueueId"]),
  ...optional(z.boolean(), ["reject", "truncated"]),
  recipients: z.array(text).max(10_000).exactOptional(),
  splitQueueIds: z.array(text).max(10_000).exactOptional(),
  delays: z.tuple([duration, duration, duration, duration]).exactOptional(),
  status: z.enum(deliveryStatuses).exactOptional(),
});

function optional<Key extends string, Type extends z.ZodType>(
  type: Type,
  keys: readonly Key[],
): Record<Key, z.ZodExactOptional<Type>> {
  return Object.fromEntries(keys.map((key) => [key, type.exactOptional()])) as Record<Key, z.ZodExactOptional<Type>>;
}
