import { nodeId } from "@mailtide/shared";
import { expect, test } from "vitest";
import { ask, askAs, cookieOf, serve } from "../../../test/asking.ts";
import { memoryState, secrets, someTokens, stateAt } from "../../../test/serving.ts";
import type { Serving } from "../../../test/serving.ts";
import type { WritePort } from "../ports.ts";
import type { AuthSettings } from "../settings.ts";

test("a token becomes a session that can write from our own pages only", async () => {
  const serving = await serve();
  const signIn = await ask(serving, "POST", "/api/v1/session", { json: { token: secrets.ack }, origin: serving.url });
  expect(signIn.status).toBe(204);
  const attributes = (signIn.headers.get("set-cookie") ?? "").toLowerCase();
  for (const part of ["httponly", "samesite=strict", "path=/"]) expect(attributes).toContain(part);
  const cookie = cookieOf(signIn);
  expect(await (await ask(serving, "GET", "/api/v1/whoami", { cookie })).json()).toEqual({
    name: "ack",
    kind: "session",
    scopes: ["read", "ack"],
  });

  const path = "/api/v1/incidents/inc-1/acknowledge";
  const from = async (headers: Record<string, string>): Promise<number> =>
    (await ask(serving, "POST", path, { cookie, headers })).status;
  expect(await from({ origin: "https://evil.example" })).toBe(403);
  expect(await from({ origin: `http://127.0.0.1:${serving.port + 1}` })).toBe(403);
  expect(await from({ origin: "null" })).toBe(403);
  expect(await from({ "sec-fetch-site": "cross-site" })).toBe(403);
  expect(await from({})).toBe(403);
  expect(serving.asked).toEqual([]);
  expect(await from({ origin: serving.url })).toBe(204);
  expect(await from({ "sec-fetch-site": "same-origin" })).toBe(204);

  const out = await ask(serving, "DELETE", "/api/v1/session", { cookie, origin: serving.url });
  expect(out.status).toBe(204);
  expect((await ask(serving, "GET", "/api/v1/whoami", { cookie })).status).toBe(401);
  expect(serving.state.audited.map(({ action }) => action)).toEqual([
    "sign-in",
    "acknowledge",
    "acknowledge",
    "sign-out",
  ]);
});

test("a wall's session lasts while it is used, a person's ends after twelve hours; no secret is kept", async () => {
  const serving = await serve();
  const signIn = async (token: string): Promise<string> =>
    cookieOf(await ask(serving, "POST", "/api/v1/session", { json: { token } }));
  const wall = await signIn(secrets.wall);
  const person = await signIn(secrets.ack);
  const who = async (cookie: string): Promise<number> =>
    (await ask(serving, "GET", "/api/v1/whoami", { cookie })).status;
  const hour = 3_600_000;
  serving.clock.nowMs += 13 * hour;
  expect([await who(wall), await who(person)]).toEqual([200, 401]);
  for (let day = 0; day < 60; day += 20) {
    serving.clock.nowMs += 20 * 24 * hour;
    expect(await who(wall)).toBe(200);
  }
  const kept = [...serving.state.values.values()].join();
  for (const secret of [wall.split("=")[1] ?? "?", ...Object.values(secrets)]) expect(kept).not.toContain(secret);

  // Another process on the same state knows the session; without its token in the configuration it does not.
  const options = { state: memoryState(serving.state.values) };
  const next = await serve({ ...options, settings: { port: 0 } });
  next.clock.nowMs = serving.clock.nowMs;
  const named = (at: Serving): string => wall.replace(/^mailtide-\d+/, `mailtide-${at.port}`);
  expect((await ask(next, "GET", "/api/v1/whoami", { cookie: named(next) })).status).toBe(200);
  const without = await serve({ ...options, auth: { tokens: [] } });
  without.clock.nowMs = serving.clock.nowMs;
  const answer = await ask(without, "GET", "/api/v1/whoami", { cookie: named(without) });
  expect(await answer.json()).toMatchObject({ kind: "anonymous-loopback" });
});

test("a node's token that was revoked, or has left the configuration, is known by its hash alone", async () => {
  const [first, second] = ["first-secret-0123456789", "second-secret-0123456789"];
  const state = memoryState();
  const started = (...tokens: AuthSettings["tokens"]) => serve({ state, auth: { tokens: [...someTokens, ...tokens] } });
  const taken = "This server takes nothing from agents.";
  const stranger = "This needs a token or a session.";
  const gone = "This token is no longer in this server's configuration.";

  const before = await started(of(first));
  expect([await detail(before, first), await detail(before, second)]).toEqual([taken, stranger]);
  for (const times of [1, 2]) {
    const after = await started(of(second));
    expect([times, await detail(after, first), await detail(after, second)]).toEqual([times, gone, taken]);
  }
  const back = await started(of(first));
  expect([await detail(back, first), await detail(back, second)]).toEqual([taken, gone]);
  expect([...state.values.values()].join()).not.toContain("secret-0123456789");
});

test("whoever writes points with a token that was good once is named where they are missed; a guess leaves no trace", async () => {
  const named: unknown[] = [];
  const writes: WritePort = {
    write: () => Promise.resolve({ kind: "ok", error: null }),
    turnedAway: (...what) => void named.push(what),
  };
  const state = memoryState();
  const secret = "mx2-secret-0123456789";
  await serve({ state, auth: { tokens: [...someTokens, of(secret)] } });
  const serving = await serve({ state, writes });
  const write = async (token: string): Promise<number> =>
    (await ask(serving, "POST", "/write?db=x", { as: { token } })).status;
  expect(await write(secret)).toBe(401);
  for (const [name, scope] of Object.entries({ telegraf: "ingest", hall: "read" })) {
    const made = await ask(serving, "POST", "/api/v1/tokens", { as: "admin", json: { name, scopes: [scope] } });
    const token = (await made.json()) as { id: string; secret: string };
    expect((await ask(serving, "DELETE", `/api/v1/tokens/${token.id}`, { as: "admin" })).status).toBe(204);
    expect(await write(token.secret)).toBe(401);
  }
  expect(await write("never-ours-0123456789")).toBe(401);
  expect(named).toEqual([
    ["mx2", "its token mx2-agent is no longer in this server's configuration", "127.0.0.1"],
    [null, "its token telegraf was revoked", "127.0.0.1"],
  ]);
});

const of = (secret: string): AuthSettings["tokens"][number] => ({
  name: "mx2-agent",
  secret: { reveal: () => secret },
  scopes: ["ingest"],
  node: nodeId("mx2"),
});
const detail = async (serving: Serving, token: string): Promise<unknown> =>
  ((await (await ask(serving, "GET", "/api/v1/agent", { as: { token } })).json()) as { detail: unknown }).detail;

test("the admin link works once, within 15 minutes, from two requests at once, over a restart", async () => {
  const serving = await serve();
  const path = async (): Promise<string> => (await serving.server.oneTimeLink()).slice(serving.url.length);
  const late = await path();
  serving.clock.nowMs += 15 * 60_000;
  expect((await ask(serving, "GET", late)).status).toBe(401);

  const replaced = await path();
  const link = await path();
  expect((await ask(serving, "GET", replaced)).status).toBe(401);
  const after = await serve({ state: memoryState(serving.state.values) });
  after.clock.nowMs = serving.clock.nowMs;
  const both = await Promise.all([ask(after, "GET", link), ask(after, "GET", link)]);
  expect(both.map(({ status }) => status)).toEqual(expect.arrayContaining([303, 401]));
  const won = both.find(({ status }) => status === 303);
  expect(won?.headers.get("location")).toBe("/");
  const cookie = won === undefined ? "" : cookieOf(won);
  const answer = await ask(after, "POST", "/api/v1/tokens", {
    cookie,
    origin: after.url,
    json: { name: "hall", scopes: ["read"] },
  });
  expect(answer.status).toBe(201);
  const { secret } = (await answer.json()) as { secret: string };
  expect((await ask(after, "GET", "/api/v1/incidents", { as: { token: secret } })).status).toBe(503);
  expect(await (await ask(after, "GET", "/api/v1/tokens", { as: "admin" })).text()).not.toContain(secret);
});

test("guessing tokens is limited; a forgotten old one, repeated, locks nobody out", async () => {
  const serving = await serve();
  const guess = async (token: string): Promise<number> =>
    (await ask(serving, "GET", "/api/v1/whoami", { as: { token } })).status;
  for (let n = 0; n < 30; n++) expect(await guess("the-old-one")).toBe(401);
  expect(await guess(secrets.wall)).toBe(200);
  for (let n = 0; n < 9; n++) expect(await guess(`guess-${n}`)).toBe(401);
  expect(await guess("guess-10")).toBe(429);
  expect(await guess(secrets.wall)).toBe(429);
  expect((await ask(serving, "POST", "/api/v1/session", { json: { token: secrets.wall } })).status).toBe(429);
  serving.clock.nowMs += 61_000;
  expect(await guess(secrets.wall)).toBe(200);
});

test("sign-ins are limited by address", async () => {
  const serving = await serve();
  const signIn = (): Promise<Response> =>
    ask(serving, "POST", "/api/v1/session", { json: { token: "one-wrong-token" } });
  const statuses = [];
  for (let n = 0; n < 25; n++) statuses.push((await signIn()).status);
  expect(statuses.filter((status) => status === 401)).toHaveLength(20);
  expect(statuses.slice(20)).toEqual([429, 429, 429, 429, 429]);
});

test("without authentication: reading on this machine by its own name, nothing else", async () => {
  const serving = await serve({ auth: { tokens: [] } });
  serving.server.publish(stateAt(1));
  const path = "/api/v1/incidents";
  for (const host of ["localhost", "127.0.0.1", "[::1]"])
    expect(await askAs(`${host}:${serving.port}`, serving, path)).toBe(200);
  for (const host of ["rebound.example", "127.0.0.1.rebound.example", "localhost.example"]) {
    expect(await askAs(`${host}:${serving.port}`, serving, path)).toBe(401);
    expect(await askAs(`${host}:${serving.port}`, serving, "/metrics")).toBe(401);
  }
  expect((await ask(serving, "GET", path, { headers: { "x-forwarded-for": "192.0.2.1" } })).status).toBe(401);
  const json = { forSeconds: 600, reason: "r" };
  expect((await ask(serving, "POST", `${path}/inc-1/silence`, { origin: serving.url, json })).status).toBe(403);
  expect((await ask(serving, "POST", "/api/v1/changes", { origin: serving.url, json: { title: "x" } })).status).toBe(
    403,
  );
});

test("a proxy that signs people in is believed from its address only", async () => {
  const proxyHeader = { header: "X-User", trustedProxies: ["127.0.0.1"], scopes: ["read", "ack"] as const };
  const serving = await serve({ auth: { tokens: [], proxyHeader }, settings: { trustProxy: ["127.0.0.1"] } });
  const answer = await ask(serving, "GET", "/api/v1/whoami", { headers: { "x-user": "ada" } });
  expect(await answer.json()).toEqual({ name: "ada", kind: "proxy", scopes: ["read", "ack"] });
  expect((await ask(serving, "GET", "/api/v1/whoami")).status).toBe(401);
  const forwarded = { "x-user": "ada", "x-forwarded-proto": "https", "x-forwarded-host": "tide.example" };
  const post = async (origin: string): Promise<number> =>
    (await ask(serving, "POST", "/api/v1/incidents/inc-1/acknowledge", { headers: forwarded, origin })).status;
  expect(await post("https://tide.example")).toBe(204);
  expect(await post("http://tide.example")).toBe(403);
  const elsewhere = await serve({
    auth: { tokens: [], proxyHeader: { ...proxyHeader, trustedProxies: ["192.0.2.1"] } },
  });
  expect((await ask(elsewhere, "GET", "/api/v1/whoami", { headers: { "x-user": "ada" } })).status).toBe(401);
});
