import type { MailEvent } from "../core/event.ts";
import { createPostfixParser } from "./mta/postfix/parse.ts";
import { createPostfixRenderer } from "./mta/postfix/render.ts";
import { LogClock } from "./syslog/clock.ts";

/**
 * What writes an MTA's log lines from what was read of them; null for an MTA without one. A line that it gives is read
 * back as exactly the same event; for an event that no line would say it gives null.
 */
export function lineRenderer(mta: string): ((event: MailEvent) => string | null) | null {
  if (mta !== "postfix") return null;
  return createPostfixRenderer(createPostfixParser({ clock: new LogClock({ zone: "UTC", firstYear: 2000 }) }));
}
