import { expect, test } from "vitest";
import { lostLines } from "./loss.ts";

test.each([
  ["rsyslogd", "imuxsock lost 53 messages from pid 2212 due to rate-limiting", 53],
  ["rsyslogd", "imjournal: 1200 messages lost due to rate-limiting (20000 allowed within 600 seconds)", 1200],
  ["rsyslogd-2177", "imuxsock lost 7 messages from pid 1 due to rate-limiting", 7],
  ["systemd-journald", "Suppressed 1834 messages from postfix@-.service", 1834],
  ["systemd-journald", "Suppressed 1834 messages from chatty.service", undefined],
  ["rsyslogd", "imuxsock begins to drop messages from pid 2212 due to rate-limiting", undefined],
  ["postfix/smtpd", "Suppressed 1834 messages from postfix@-.service", undefined],
])("%s: %s", (process, body, lines) => {
  expect(lostLines(process, body)).toBe(lines);
});
