import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { nodeId } from "@mailtide/shared";
import { afterEach, expect, test } from "vitest";
import type { z } from "zod";
import type { CountsObservation } from "../../core/observation.ts";
import { freePort } from "../../../test/real/process.ts";
import { tryCollector } from "../../doctor/try-collector.ts";
import { Secret } from "../../config/secret.ts";
import type { PollCollector } from "../collector.ts";
import { prometheus } from "./index.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function exporter(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
}
const text = (body: string, type = "text/plain; version=0.0.4"): RequestListener => {
  return (_request, response) => void response.setHeader("content-type", type).end(body);
};

type Given = z.input<(typeof prometheus)["config"]>;
const collector = (given: Given, auth?: object): PollCollector => {
  const options = { ...prometheus.config.parse(given), ...(auth === undefined ? {} : { auth }) };
  return prometheus.create(options as never, { id: nodeId("mx3"), timezone: "UTC" }) as PollCollector;
};
const scraped = async (given: PollCollector, atMs = 1_000): Promise<CountsObservation> => {
  await given.start({ now: () => atMs } as never);
  const { observations } = await given.poll(AbortSignal.timeout(60_000));
  return observations[0] as CountsObservation;
};
const queue = { mapping: [{ metric: "q", as: "count", queue: "{queue}" }] } as const;
const two = 'q{queue="active"} 3\nq{queue="deferred"} 400\n';

test("packed text and OpenMetrics become counts as of the scrape, whatever time they state", async () => {
  const url = await exporter((request, response) => {
    expect(request.headers["accept-encoding"]).toBe("gzip");
    response.writeHead(200, {
      "content-type": "application/openmetrics-text; version=1.0.0",
      "content-encoding": "gzip",
    });
    response.end(gzipSync('q{queue="active"} 3 17\n# EOF\n'));
  });
  expect(await scraped(collector({ url, ...queue }))).toEqual({
    kind: "counts",
    node: "mx3",
    by: "mx3/prometheus",
    atMs: 1_000,
    whole: true,
    validSeconds: 60,
    queues: { active: { count: 3, bytes: null, oldestAgeSeconds: null } },
  });
});

test("KumoMTA's JSON, from its documentation: idle queues are not there, and not zero", async () => {
  const body = {
    message_count: { help: "total number of Message objects", type: "gauge", value: 7 },
    scheduled_count: { type: "gauge", value: { queue: { "a.test": 4, "b.test": 3 } } },
    total_messages_delivered: { type: "counter", value: { service: { smtp_client: 50, "smtp_client:x->y": 50 } } },
  };
  const url = await exporter(text(JSON.stringify(body), "application/json; charset=utf-8"));
  const { queues, by } = await scraped(collector({ url, mapping: "kumomta" }));
  expect([by, queues]).toEqual(["mx3/kumomta", { scheduled: { count: 7, bytes: null, oldestAgeSeconds: null } }]);
});

test("credentials of each kind are sent, and never to where a redirect leads", async () => {
  const secret = new Secret("s3cret");
  const heard: unknown[] = [];
  const elsewhere = await exporter((request, response) => {
    heard.push(request.headers.authorization);
    response.end(two);
  });
  const url = await exporter((request, response) => {
    heard.push(request.headers.authorization ?? request.headers["password"]);
    response.writeHead(302, { location: elsewhere }).end();
  });
  for (const auth of [{ bearer: secret }, { username: "u", password: secret }, { header: "Password", value: secret }])
    await expect(scraped(collector({ url, ...queue }, auth))).rejects.toThrow(/302 and sends us elsewhere/);
  expect(heard).toEqual(["Bearer s3cret", `Basic ${Buffer.from("u:s3cret").toString("base64")}`, "s3cret"]);
});

test.each([
  ["another page", text("<html>"), /line 1 is no sample/],
  ["other metrics", text("up 1\n"), /none of the metrics of this mapping/],
  ["an error", (_request, response) => void response.writeHead(500).end(), /answers 500/],
  ["no right", (_request, response) => void response.writeHead(401).end(), /other credentials/],
  ["no end", (_request, response) => void response.write(`${two}${"#".repeat(1 << 20)}\n`.repeat(17)), /16 MiB/],
  [
    "a bomb",
    (_request, response) => {
      response.setHeader("content-encoding", "gzip").end(gzipSync(Buffer.alloc(40 << 20)));
    },
    /16 MiB/,
  ],
] satisfies [string, RequestListener, RegExp][])("%s is said in words", async (_what, answer, words) => {
  await expect(scraped(collector({ url: await exporter(answer), ...queue }))).rejects.toThrow(words);
});

test("check says what was found, and a hung exporter fails at its deadline", async () => {
  const good = collector({ url: await exporter(text(two)), ...queue });
  expect(await tryCollector(good)).toEqual({ verdict: "ok", says: "answers: 3 in active; 400 in deferred" });
  const late = { verdict: "FAILS", says: expect.stringMatching(/^127\.0\.0\.1:\d+: gives no whole answer in time$/) };
  const hung = collector({ url: await exporter(() => undefined), deadline: "1s", ...queue });
  expect(await tryCollector(hung)).toEqual(late);
  const endless = collector({
    url: await exporter((_, answer) => void answer.write("# a\n")),
    deadline: "1s",
    ...queue,
  });
  expect(await tryCollector(endless)).toEqual(late);
});

test("an exporter that is not there is said as the probes say it", async () => {
  const where = `127.0.0.1:${await freePort()}`;
  const gone = collector({ url: `http://${where}/metrics`, ...queue });
  expect(await tryCollector(gone)).toEqual({ verdict: "FAILS", says: `${where}: connection refused` });
});
