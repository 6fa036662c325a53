import { beforeAll, expect, test } from "vitest";
import { attemptsOf, countShapes, gapsSeconds, type ShapeCounts } from "./fidelity/compare.ts";
import { realLines, type RealRun } from "./fidelity/real.ts";
import { simulatedLines } from "./fidelity/simulated.ts";

const run: RealRun = {
  count: 120,
  backoffSeconds: { least: 2, most: 4 },
  runDelaySeconds: 1,
  lastsMs: 16_000,
};
/** Of a real host's life, and of the test's own look whether it listens; a connection that is used again says so. */
const notModelled = [
  /^postfix\/(postfix-script|master): /,
  /^postfix\/smtpd: lost connection after CONNECT from HOST\[IP\]$/,
  /^postfix\/smtpd: disconnect from HOST\[IP\] commands=N\/N$/,
];

const kinds = (counts: ShapeCounts) =>
  [...counts.keys()].filter((key) => !notModelled.some((pattern) => pattern.test(key))).sort();
const quantile = (sorted: readonly number[] | undefined, share: number) =>
  sorted?.[Math.floor(share * sorted.length)] ?? NaN;

let real: readonly string[];
let simulated: readonly string[];
beforeAll(async () => {
  [real, simulated] = await Promise.all([realLines(run), simulatedLines(run)]);
});

test("a simulated host writes the lines that a real one writes, and no others", () => {
  expect(kinds(countShapes(simulated))).toEqual(kinds(countShapes(real)));
  expect(kinds(countShapes(real)).length).toBeGreaterThan(15);
});

test("it writes as many of each", () => {
  const [a, b] = [countShapes(real), countShapes(simulated)];
  const alike = (start: string, tolerance: number) => {
    const sum = (counts: ShapeCounts) =>
      [...counts].reduce((total, [key, count]) => (key.startsWith(start) ? total + count : total), 0);
    expect(sum(a), start).toBeGreaterThan(0);
    expect(sum(b) / sum(a), start).toBeGreaterThan(1 / tolerance);
    expect(sum(b) / sum(a), start).toBeLessThan(tolerance);
  };
  // What happens to a mail once.
  alike("postfix/smtpd: ID: client=HOST[IP]", 1.03);
  alike("postfix/smtpd: NOQUEUE: reject: RCPT from HOST[IP]: N N.N <>: Temporary", 1.6);
  alike("postfix/smtpd: NOQUEUE: reject: RCPT from HOST[IP]: N N.N <>: Client", 1.01);
  alike("postfix/smtpd: NOQUEUE: reject: RCPT from HOST[IP]: N N.N <>: Recipient", 1.01);
  alike("postfix/cleanup: ", 1.05);
  alike("postfix/qmgr: ID: removed", 1.05);
  alike("postfix/bounce: ", 1.5);
  alike("postfix/smtp: ID: to=<>, relay=HOST[IP]:N, delay=N, delays=N/N/N/N, dsn=N.N, status=sent", 1.05);
  // What depends on when it is tried again.
  alike("postfix/qmgr: ID: from=<>", 1.25);
  alike("postfix/smtp: ID: to=<>, relay=HOST[IP]:N, delay=N, delays=N/N/N/N, dsn=N.N, status=deferred", 1.5);
  alike("postfix/smtp: connect to HOST[IP]:N: Connection refused", 2);
});

test("the stages of a delay add up, and a retry was waited for before the queue manager", () => {
  for (const lines of [real, simulated]) {
    const attempts = attemptsOf(lines);
    for (const list of attempts.values()) {
      for (const { delaySeconds, stagesSeconds } of list) {
        const sum = stagesSeconds.reduce((total, one) => total + one, 0);
        // Two digits of each are printed.
        expect(Math.abs(sum - delaySeconds)).toBeLessThan(0.06 + delaySeconds * 0.1);
      }
      const retried = list.filter(({ status }) => status !== "sent");
      retried.slice(1).forEach(({ stagesSeconds: [before = 0] }, place) => {
        expect(before).toBeGreaterThanOrEqual(retried[place]?.stagesSeconds[0] ?? 0);
      });
    }
  }
});

test("what was deferred is tried again when a real queue manager would", () => {
  const [a, b] = [real, simulated].map((lines) => gapsSeconds(attemptsOf(lines)).sort((x, y) => x - y));
  for (const gaps of [a, b]) {
    expect(gaps?.length).toBeGreaterThan(40);
    expect(quantile(gaps, 0)).toBeGreaterThanOrEqual(run.backoffSeconds.least - 1);
    expect(quantile(gaps, 0.99)).toBeLessThanOrEqual(run.backoffSeconds.most + run.runDelaySeconds + 2);
  }
  expect(Math.abs(quantile(a, 0.5) - quantile(b, 0.5))).toBeLessThanOrEqual(1);
});
