import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { openEngine } from "../../src/store/embedded/engine.ts";
import { openEmbeddedSeries } from "../../src/store/embedded/series/open.ts";
import { startPagerDuty } from "../real/pagerduty.ts";
import { freePort, runProgram, temporaryFolder, until } from "../real/process.ts";

const points = ["after-send", "before-mark", "after-read", "after-commit", "within-checkpoint"] as const;
const rounds = Number(process.env["MAILTIDE_CRASH_ROUNDS"] ?? 1);
const child = fileURLToPath(new URL("./child.mjs", import.meta.url));
const routingKey = "0123456789abcdef0123456789abcdef";

const each = Array.from({ length: rounds }, (_, index) => index + 1);

test.each(each)(
  "kill -9 at every named point loses and repeats nothing, and tells no new key (%i)",
  { timeout: 600_000 },
  async () => {
    const folder = temporaryFolder("crash");
    const pager = await startPagerDuty({ routingKeys: [routingKey] });
    const log = join(folder.path, "mail.log");
    const state = join(folder.path, "state");
    writeFileSync(log, "");
    const config = join(folder.path, "mailtide.yaml");
    writeFileSync(config, configuration(await freePort(), log, pager.url));
    const environment = { ...process.env, ROUTING_KEY: routingKey };
    let messages = 0;
    const write = (count: number): void => {
      for (let index = 0; index < count; index++) appendFileSync(log, deferredMessage(messages++, new Date()));
    };
    const run = (point: string, nth: number) =>
      runProgram(process.execPath, [child, config, state, point, String(nth)], { env: environment, cwd: folder.path });

    const hits: string[] = [];
    try {
      write(40);
      for (const point of points) {
        const program = run(point, point === "after-commit" ? 3 : 1);
        await until(
          `the program to die at ${point}`,
          () => {
            if (point !== "after-send" && point !== "before-mark") write(1);
            return program.child.signalCode === "SIGKILL";
          },
          { everyMs: 150 },
        ).catch((error: unknown) => {
          throw new Error(program.output(), { cause: error });
        });
        hits.push(point);
      }
      const last = run("never", 1);
      write(5);
      // Steps are stored when they are complete; what was told twice would stand in one of the next.
      const database = join(state, "series", "series.db");
      await expect.poll(() => storedIn(database).accepted, { timeout: 200_000, interval: 500 }).toBe(messages);
      const { latestMs } = storedIn(database);
      await until("one more step to be stored", () => storedIn(database).latestMs > latestMs);
      await last.stop();
      expect(last.output()).not.toMatch(/"level":"error"/);

      console.log(`killed at: ${hits.join(", ")}; ${messages} messages`);
      expect(hits).toEqual(points);
      expect(await acceptedIn(join(state, "series"))).toBe(messages);
      expect(indexedIn(join(state, "index", "index.db"))).toEqual([messages, messages]);
      expect(pager.keys()).toHaveLength(1);
      const key = pager.keys()[0] ?? "";
      // Killed between send and mark, it is sent again, under the same key: one alert at the receiver.
      expect(pager.accepted(key).length).toBeGreaterThanOrEqual(2);
      expect(pager.alert(key)).toEqual({ state: "triggered", opened: 1 });
      expect(pager.received.every(({ status }) => status === 202)).toBe(true);
    } finally {
      await pager.stop();
      folder.remove();
    }
  },
);

async function acceptedIn(folder: string): Promise<number> {
  const series = await openEmbeddedSeries({ folder });
  try {
    const query = {
      tier: "10s",
      measurement: "mail_flow",
      tags: {},
      fields: ["accepted"],
      fromMs: 0,
      toMs: Date.now() + 1e9,
      limit: 100_000,
    } as const;
    return (await series.read(query)).reduce((sum, { fields }) => sum + (fields["accepted"] ?? 0), 0);
  } finally {
    await series.close();
  }
}

/** What the running program has stored of its steps so far, read beside it. */
function storedIn(path: string): { readonly accepted: number; readonly latestMs: number } {
  const engine = openEngine(path);
  const [accepted, latestMs] = engine.prepare('SELECT sum(accepted), max(at) FROM "mail_flow_10s"').one() ?? [];
  engine.close();
  return { accepted: Number(accepted), latestMs: Number(latestMs) };
}

/** Messages in the message index, and how many of them are different ones. */
function indexedIn(path: string): readonly unknown[] {
  const engine = openEngine(path);
  const counts = engine.prepare("SELECT count(*), count(DISTINCT queue_id) FROM hop").one() ?? [];
  engine.close();
  return counts;
}

/** Taken from a client, tried at an own hop that refuses. */
function deferredMessage(index: number, at: Date): string {
  const stamp = at.toISOString().replace("Z", "+00:00");
  const id = (0xa0000000 + index).toString(16).toUpperCase();
  const line = (program: string, text: string): string => `${stamp} mx postfix/${program}[7]: ${id}: ${text}\n`;
  return (
    line("smtpd", `client=unknown[198.51.100.${index % 250}]`) +
    line("cleanup", `message-id=<${index}@x.test>`) +
    line("qmgr", `from=<a${index}@x.test>, size=500, nrcpt=1 (queue active)`) +
    line(
      "smtp",
      `to=<b${index}@own.test>, relay=none, delay=0.1, delays=0.1/0/0/0, dsn=4.4.1, status=deferred (connect to 10.0.0.9[10.0.0.9]:25: Connection refused)`,
    )
  );
}

function configuration(port: number, log: string, pagerUrl: string): string {
  return `
version: 1
site: { id: crash, name: Crash, timezone: UTC }
server: { port: ${port} }
nodes: [{ id: mx1, ownDomains: [own.test], ownHops: [10.0.0.0/8], collect: [{ type: postfix-log, path: ${JSON.stringify(log)}, from: start }] }]
delay: { target: 3s }
alerts: { resolveAfter: 10s }
notify: [{ id: pager, type: pagerduty, routingKey: { env: ROUTING_KEY }, url: ${JSON.stringify(pagerUrl)}, severities: [page] }]
`;
}
