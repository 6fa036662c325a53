import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { request as httpsRequest } from "node:https";
import { join } from "node:path";
import { collectorId, nodeId } from "@mailtide/shared";
import { expect, test } from "vitest";
import { afterwards, ask, serve } from "../../test/asking.ts";
import { temporaryFolder } from "../../test/real/process.ts";
import { collector } from "../../test/sections.ts";
import { secrets, stateAt } from "../../test/serving.ts";

test.each<[string, string, string, keyof typeof secrets, unknown, number]>([
  ["whoami", "GET", "/api/v1/whoami", "wall", undefined, 200],
  ["incidents", "GET", "/api/v1/incidents", "wall", undefined, 200],
  ["incidents without the scope", "GET", "/api/v1/incidents", "deploy", undefined, 403],
  ["acknowledge", "POST", "/api/v1/incidents/inc-1/acknowledge", "ack", undefined, 204],
  ["acknowledge without the scope", "POST", "/api/v1/incidents/inc-1/acknowledge", "wall", undefined, 403],
  ["silence", "POST", "/api/v1/incidents/inc-1/silence", "ack", { forSeconds: 600, reason: "known" }, 204],
  ["silence for ever", "POST", "/api/v1/incidents/inc-1/silence", "ack", { forSeconds: 1e9, reason: "known" }, 422],
  [
    "silence without the scope",
    "POST",
    "/api/v1/incidents/inc-1/silence",
    "wall",
    { forSeconds: 600, reason: "r" },
    403,
  ],
  ["change", "POST", "/api/v1/changes", "deploy", { title: "push" }, 201],
  ["change without a title", "POST", "/api/v1/changes", "deploy", {}, 422],
  ["change with a script as link", "POST", "/api/v1/changes", "deploy", { title: "x", link: "javascript:1" }, 422],
  [
    "change that ends before it starts",
    "POST",
    "/api/v1/changes",
    "deploy",
    { title: "x", startAt: "2016-05-11T10:00:00Z", endAt: "2016-05-11T09:00:00Z" },
    422,
  ],
  ["change without the scope", "POST", "/api/v1/changes", "wall", { title: "push" }, 403],
  ["end of no change", "PATCH", "/api/v1/changes/none", "deploy", { endAt: "2016-05-11T10:00:00Z" }, 404],
  ["tokens", "GET", "/api/v1/tokens", "admin", undefined, 200],
  ["tokens without the scope", "GET", "/api/v1/tokens", "ack", undefined, 403],
  ["token with a name that is taken", "POST", "/api/v1/tokens", "admin", { name: "wall", scopes: ["read"] }, 409],
  ["token with no such scope", "POST", "/api/v1/tokens", "admin", { name: "x", scopes: ["everything"] }, 422],
  ["revoking no token", "DELETE", "/api/v1/tokens/none", "admin", undefined, 404],
  ["metrics", "GET", "/metrics", "wall", undefined, 200],
  ["nothing", "GET", "/api/v1/nothing", "admin", undefined, 404],
])("%s: %s %s as %s answers %d", async (_, method, path, as, json, status) => {
  const serving = await serve();
  serving.server.publish(stateAt(1));
  const answer = await ask(serving, method, path, { as, json });
  expect(answer.status).toBe(status);
  if (status < 400) return;
  expect(answer.headers.get("content-type")).toContain("application/problem+json");
  expect(await answer.json()).toMatchObject({ type: "about:blank", status });
});

test("what a body lacks is said in words, with the place", async () => {
  const serving = await serve();
  const said = async (path: string, as: keyof typeof secrets, json: unknown): Promise<string[]> => {
    const { errors } = (await (await ask(serving, "POST", path, { as, json })).json()) as {
      errors: { at: string; message: string }[];
    };
    return errors.map(({ at, message }) => `${at}: ${message}`);
  };
  expect(await said("/api/v1/changes", "deploy", { startAt: "noon", link: "javascript:1", author: 7 })).toEqual([
    "title: is missing",
    'startAt: "noon" is not an instant such as 2026-05-11T10:00:00Z',
    "author: must be text, not 7",
    'link: "javascript:1" is not an address such as https://mail.example.org',
  ]);
  const end = { title: "x", startAt: "2016-05-11T10:00:00Z", endAt: "2016-05-11T09:00:00Z" };
  expect(await said("/api/v1/changes", "deploy", end)).toEqual(["endAt: the end is before the start"]);
  expect(await said("/api/v1/incidents/inc-1/silence", "ack", { forSeconds: 1, reason: " " })).toEqual([
    "forSeconds: must be at least 60, not 1",
    "reason: must not be empty",
  ]);
  const scopes = 'scopes[0]: "reed" is none of read, search, ack, change, ingest, admin; did you mean "read"?';
  expect(await said("/api/v1/tokens", "admin", { name: "x", scopes: ["reed"] })).toEqual([scopes]);
  expect(await said("/api/v1/changes", "deploy", [])).toEqual([
    ": must be keys with values ({ key: value }), not a list",
  ]);
});

test.each([
  ["GET", "/api/v1/whoami"],
  ["GET", "/api/v1/incidents"],
  ["POST", "/api/v1/incidents/inc-1/acknowledge"],
  ["POST", "/api/v1/changes"],
  ["PATCH", "/api/v1/changes/x"],
  ["GET", "/api/v1/tokens"],
  ["POST", "/api/v1/tokens"],
  ["DELETE", "/api/v1/tokens/x"],
  ["DELETE", "/api/v1/session"],
])("%s %s needs somebody", async (method, path) => {
  const serving = await serve();
  expect((await ask(serving, method, path, { json: method === "GET" ? undefined : {} })).status).toBe(401);
  expect(serving.asked).toEqual([]);
});

test("an incident as programs read it", async () => {
  const serving = await serve();
  expect((await ask(serving, "GET", "/api/v1/incidents", { as: "wall" })).status).toBe(503);
  serving.server.publish(stateAt(1));
  const answer = await ask(serving, "GET", "/api/v1/incidents", { as: "wall" });
  expect(await answer.json()).toMatchObject({
    version: 1,
    incidents: [{ id: "inc-1", title: "Mail is 7 min late", startedAt: "2016-05-11T10:00:00.000Z", resolvedAt: null }],
  });
});

test("the same Idempotency-Key is the same change, for the same caller", async () => {
  const serving = await serve();
  const headers = { "Idempotency-Key": "run-17" };
  const post = (as: "deploy" | "admin"): Promise<Response> =>
    ask(serving, "POST", "/api/v1/changes", {
      as,
      headers,
      json: { title: "push", startAt: "2016-05-11T12:24:00+02:00" },
    });
  const first = await post("deploy");
  const again = await post("deploy");
  const other = await post("admin");
  expect([first.status, again.status, other.status]).toEqual([201, 200, 201]);
  const { id } = (await first.json()) as { id: string };
  expect(await again.json()).toEqual({ id });
  expect(serving.asked[0]?.with).toEqual({ id, title: "push", startAtMs: Date.UTC(2016, 4, 11, 10, 24) });
  const end = await ask(serving, "PATCH", `/api/v1/changes/${id}`, {
    as: "deploy",
    json: { endAt: "2016-05-11T10:30:00Z" },
  });
  expect(end.status).toBe(200);
});

test("alive while turns come, ready while every required collector works", async () => {
  const serving = await serve({ turnLimitSeconds: 5 });
  expect((await ask(serving, "GET", "/readyz")).status).toBe(503);
  const failing = {
    id: collectorId("mx1/postfix-log"),
    state: "failing",
    problem: "cannot read /var/log/mail.log",
  } as const;
  const optional = { id: collectorId("mx1/extra"), required: false, state: "failing" } as const;
  const calm = stateAt(1);
  const withCollectors = (collectors: ReturnType<typeof collector>[]) => ({
    ...calm,
    freshness: { ...calm.freshness, collectors },
  });
  serving.server.publish(withCollectors([collector({}), collector(optional)]));
  expect((await ask(serving, "GET", "/healthz")).status).toBe(200);
  expect((await ask(serving, "GET", "/readyz")).status).toBe(200);
  serving.server.publish(withCollectors([collector(failing), collector(optional)]));
  expect(await (await ask(serving, "GET", "/readyz")).json()).toEqual({
    ready: false,
    starting: false,
    failing: [{ id: failing.id }],
  });
  const told = await ask(serving, "GET", "/readyz", { as: "wall" });
  expect(told.status).toBe(503);
  expect(await told.json()).toMatchObject({ failing: [{ id: failing.id, problem: failing.problem }] });
  await expect.poll(async () => (await ask(serving, "GET", "/healthz")).status, { timeout: 60_000 }).toBe(503);
});

test("of many hosts one that cannot be read leaves the server ready, and is named; more than one in ten do not", async () => {
  const serving = await serve();
  const calm = stateAt(1);
  const ready = async (hosts: number, failing: number) => {
    const collectors = Array.from({ length: hosts }, (_, at) =>
      collector({
        id: collectorId(`h${at}/postfix-log`),
        node: nodeId(`h${at}`),
        state: at < failing ? "failing" : "ok",
      }),
    );
    serving.server.publish({ ...calm, freshness: { ...calm.freshness, collectors } });
    const answer = await ask(serving, "GET", "/readyz");
    const { failing: named } = (await answer.json()) as { failing: unknown[] };
    return [answer.status, named.length];
  };
  expect(await ready(200, 1)).toEqual([200, 1]);
  expect(await ready(200, 20)).toEqual([200, 20]);
  expect(await ready(200, 21)).toEqual([503, 21]);
  expect(await ready(2, 1)).toEqual([503, 1]);
});

test("metrics: the figures of the screens, unknown ones absent", async () => {
  const serving = await serve();
  const calm = stateAt(1);
  serving.server.publish({ ...calm, delay: { ...calm.delay, headlineSeconds: null } });
  const text = await (await ask(serving, "GET", "/metrics")).text();
  expect(text).toContain('mailtide_waiting_messages{attribution="remote"} 48000');
  expect(text).toContain("mailtide_incidents_open 1");
  expect(text).not.toMatch(/^mailtide_delay_headline_seconds /m);
  serving.server.publish(calm);
  expect(await (await ask(serving, "GET", "/metrics")).text()).toMatch(/^mailtide_delay_headline_seconds 3$/m);
});

test("metrics: a large site finds room for all its hosts and collectors", async () => {
  const serving = await serve();
  const calm = stateAt(1);
  const collectors = Array.from({ length: 600 }, (_, at) => collector({ id: collectorId(`h${at}/postfix-log`) }));
  const shown = [0, 1].map((at) => ({
    node: nodeId(`h${at}`),
    queued: 9,
    ownQueued: 4 - at,
    oldestOwnSeconds: 1,
    lastDepartureMs: null,
  }));
  const queues = { ...calm.queues, hosts: { shown, hidden: 598, mostAt: null } };
  serving.server.publish({ ...calm, queues, freshness: { ...calm.freshness, collectors } });
  const text = await (await ask(serving, "GET", "/metrics")).text();
  expect(text.match(/^mailtide_collector_data_age_seconds\{/gm)).toHaveLength(600);
  expect(text).toContain('mailtide_host_waiting_messages{node="h1"} 3');
  expect(text).toContain('mailtide_host_queued_messages{node="h0"} 9');
  expect(text).toContain('mailtide_gauge_samples_left_out{gauge="collector_data_age_seconds"} 0');
});

test("the pages: only known addresses, hashed files for ever, a strict policy", async () => {
  const folder = temporaryFolder("client");
  afterwards(() => folder.remove());
  mkdirSync(join(folder.path, "assets"));
  writeFileSync(join(folder.path, "index.html"), "<!doctype html><title>Mailtide</title>");
  writeFileSync(join(folder.path, "assets", "app-1a2b.js"), "export {};");
  const serving = await serve({ clientFolder: folder.path });
  for (const path of ["/", "/wall"]) {
    const page = await ask(serving, "GET", path);
    expect(page.status).toBe(200);
    expect(page.headers.get("cache-control")).toBe("no-cache");
    const policy = page.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain(`connect-src 'self' ws://127.0.0.1:${serving.port}`);
    expect(policy).not.toContain("unsafe-eval");
  }
  const asset = await ask(serving, "GET", "/assets/app-1a2b.js");
  expect(asset.headers.get("cache-control")).toContain("immutable");
  for (const path of ["/elsewhere", "/assets/none.js", "/..%2f..%2fetc%2fpasswd", "/wall/x"]) {
    expect((await ask(serving, "GET", path)).status).toBe(404);
  }
});

test.each<[string, RequestInit, number]>([
  ["broken JSON", { body: "{", headers: { "content-type": "application/json" } }, 400],
  ["no JSON", { body: "title=x", headers: { "content-type": "application/x-www-form-urlencoded" } }, 415],
  [
    "too much",
    { body: JSON.stringify({ title: "x".repeat(100_000) }), headers: { "content-type": "application/json" } },
    413,
  ],
])("a body with %s is a problem without a stack", async (_, { body, headers }, status) => {
  const serving = await serve();
  const answer = await fetch(`${serving.url}/api/v1/changes`, {
    method: "POST",
    headers: { ...(headers as Record<string, string>), authorization: `Bearer ${secrets.deploy}` },
    body: body ?? null,
  });
  expect(answer.status).toBe(status);
  expect(await answer.text()).not.toMatch(/at .*\.(ts|js):/);
});

test("OpenAPI tells every route with its schema and nothing that is not there", async () => {
  const serving = await serve();
  const document = (await (await ask(serving, "GET", "/api/v1/openapi.json")).json()) as {
    openapi: string;
    paths: Record<string, Record<string, { requestBody?: unknown }>>;
  };
  expect(document.openapi).toBe("3.1.0");
  expect(Object.keys(document.paths).sort()).toEqual([
    "/api/v1/agent",
    "/api/v1/changes",
    "/api/v1/changes/{id}",
    "/api/v1/collectors",
    "/api/v1/incidents",
    "/api/v1/incidents/{id}/acknowledge",
    "/api/v1/incidents/{id}/silence",
    "/api/v1/nodes",
    "/api/v1/nodes/{node}",
    "/api/v1/openapi.json",
    "/api/v1/recording",
    "/api/v1/session",
    "/api/v1/tokens",
    "/api/v1/tokens/{id}",
    "/api/v1/whoami",
    "/api/v2/write",
    "/write",
  ]);
  expect(JSON.stringify(document.paths["/api/v1/changes"]?.["post"]?.requestBody)).toContain("productionAffecting");
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const method of Object.keys(operations)) {
      const answer = await ask(serving, method.toUpperCase(), path.replace("{id}", "x"));
      expect(answer.status, `${method} ${path}`).not.toBe(404);
    }
  }
});

test("a taken port is told in words", async () => {
  const serving = await serve();
  await expect(serve({ settings: { port: serving.port } })).rejects.toThrow(
    `Port ${serving.port} on 127.0.0.1 is in use by another program: stop it, or choose another port with --port.`,
  );
});

test("over TLS the cookie is for TLS only", async () => {
  const folder = temporaryFolder("tls");
  afterwards(() => folder.remove());
  const cert = join(folder.path, "cert.pem");
  const key = join(folder.path, "key.pem");
  const self = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"];
  execFileSync("openssl", [...self, "-keyout", key, "-out", cert], { stdio: "ignore" });
  const serving = await serve({ settings: { tls: { cert, key } } });
  expect(serving.url).toBe(`https://127.0.0.1:${serving.port}`);
  const cookies = await new Promise<string[] | undefined>((resolve, reject) => {
    const headers = { "content-type": "application/json", origin: serving.url };
    const options = { method: "POST", headers, rejectUnauthorized: false };
    const request = httpsRequest(`${serving.url}/api/v1/session`, options, (response) => {
      response.resume();
      resolve(response.headers["set-cookie"]);
    });
    request.on("error", reject).end(JSON.stringify({ token: secrets.wall }));
  });
  expect(cookies?.[0]).toMatch(/^__Host-mailtide-\d+=.*Secure/);
  await expect(serve({ settings: { tls: { cert: "/none.pem", key } } })).rejects.toThrow(
    "server.tls.cert: /none.pem does not exist",
  );
});
