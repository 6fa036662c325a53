import { siteId } from "@mailtide/shared";
import type { LiveState } from "@mailtide/shared";
import { frame } from "../frame.ts";
import { alert, at, dependency, incident, meta, queues, say } from "./build.ts";
import { lateState } from "./origin-day.ts";

const helo = `<img src=x onerror=alert(1)>"'&\u202Egnp.exe\u202C ${"verylongheloname".repeat(12)}.example`;
const longName = "smtp-out-eu-central-1a-customer-facing-relay-cluster-secondary";

/** Names as an attacker, or a large company, writes them. */
const hostileState: LiveState = {
  ...lateState,
  meta: meta(at("15:03:08"), {
    site: {
      id: siteId("x"),
      name: "Vereinigte Großrechenzentren für elektronische Postbeförderung Nord",
      timezone: "Europe/Berlin",
      locale: "de-DE",
    },
  }),
  queues: queues(
    [
      [longName, { own: 1_318_402, remote: 80_000 }],
      ["active", { own: 20_000 }],
      [`deferred ${helo}`, { own: 40, remote: 41_204 }],
      ["hold", { held: 3 }],
      ["corrupt", { held: 1 }],
      ["incoming", {}],
    ],
    { own: 34_820 },
    40_000,
  ),
  dependencies: {
    dependencies: Array.from({ length: 11 }, (_, index) =>
      dependency(
        `${longName}-${index}`,
        "smtp",
        index === 9 ? "failing" : index === 4 ? "slow" : index === 5 ? "unknown" : "ok",
        index === 9 ? null : 0.02 * (index + 1),
        {
          note: index === 9 ? say(`refuses: ${helo}`) : null,
        },
      ),
    ),
  },
  inbound: {
    ...lateState.inbound,
    distinctSources: 1_250_000,
    distinctExact: false,
    newSources: 1_249_112,
    top: lateState.inbound.top.map((source) => ({
      ...source,
      ip: "2001:0db8:85a3:0000:0000:8a2e:0370:7334",
      messages: 48_112_340,
      spoofed: 48_112_300,
    })),
  },
  incidents: {
    incidents: [
      incident(
        "i-99",
        say(`Mail loop through ${helo}`),
        at("09:12"),
        [
          alert(
            "loop",
            "mail-loop",
            say(`Loop with *${helo}*`),
            at("09:12"),
            [
              say(
                `HELO *${helo}* sent us the same mail *44,120* times, usual 0. ${"It keeps coming back. ".repeat(8)}`,
              ),
            ],
            {
              actions: [
                {
                  label: say(`Refuse *${helo}*`),
                  command: `postconf -e "smtpd_helo_restrictions = check_helo_access inline:{${"x".repeat(180)}=REJECT}"`,
                },
              ],
            },
          ),
        ],
        { changes: [{ title: `Deploy ${helo}`, startAtMs: at("09:10"), link: "javascript:alert(1)" }] },
      ),
    ],
    outbox: { waiting: 14, oldestSeconds: 900, failing: "PagerDuty answers 403: this routing key does not exist" },
  },
};

const words = [
  "Queue of mx3 does not move",
  "Certificate of smtp-in expires",
  "Remote side throttles us",
  "Sign-in attempts from many sources",
  "Disk of mx2 nearly full",
];

/** Twenty at once: the one that matters is told, the others are counted. */
const manyState: LiveState = {
  ...lateState,
  incidents: {
    ...lateState.incidents,
    incidents: [
      ...Array.from({ length: 13 }, (_, index) =>
        incident(
          `i-${40 + index}`,
          say(words[index % words.length] ?? ""),
          at("14:00") - index * 660_000,
          [
            alert(
              `a-${index}`,
              "capacity",
              say(words[index % words.length] ?? ""),
              at("14:00") - index * 660_000,
              [say("*3,120* waiting, draining at 4/s.")],
              { severity: "ticket" },
            ),
          ],
          {
            severity: index % 4 === 3 ? "info" : "ticket",
            pageSentAtMs: null,
          },
        ),
      ),
      ...lateState.incidents.incidents,
      ...Array.from({ length: 5 }, (_, index) =>
        incident(`i-${index}`, say(words[index] ?? ""), at("04:00") - index * 3_000_000, [], {
          state: "resolved",
          severity: "ticket",
          resolvedAtMs: at("04:00") - index * 3_000_000 + 1_900_000,
          pageSentAtMs: null,
        }),
      ),
    ],
  },
};

export const hostileFrames = [
  frame("hostile", "Long names, hostile HELO, a failing notifier", hostileState),
  frame("twenty", "Twenty incidents", manyState),
];
