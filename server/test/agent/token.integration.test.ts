import { join } from "node:path";
import { expect, test } from "vitest";
import { createClient } from "../../src/agent/client.ts";
import { freePort, temporaryFolder, until } from "../real/process.ts";
import { answers, ask, startServer, tokens } from "./running.ts";

test("a token that the server made speaks for its node, over a restart, until it is revoked", async () => {
  const folder = temporaryFolder("agent-token");
  const port = await freePort();
  const places = { folder: join(folder.path), serverPort: port, agentPort: port };
  let server = startServer(places);
  const request = async (method: string, path: string, token: string, body?: unknown) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, json: (text === "" ? {} : JSON.parse(text)) as Record<string, unknown> };
  };
  try {
    await answers(port);
    const create = (more: object) => request("POST", "/api/v1/tokens", tokens.admin, { name: "new", ...more });
    expect(await create({ scopes: ["ingest"], node: "mx3" })).toMatchObject({
      status: 422,
      json: { detail: 'No node has the id "mx3" and collects by { type: agent }.' },
    });
    expect((await create({ scopes: ["read"], node: "mx2" })).status).toBe(422);
    expect((await create({ scopes: ["ingest"], node: "a b" })).status).toBe(422);
    const { status, json } = await create({ scopes: ["ingest"], node: "mx2" });
    expect([status, json["node"]]).toEqual([201, "mx2"]);
    const secret = String(json["secret"]);
    expect(await request("GET", "/api/v1/agent", secret)).toMatchObject({ status: 200, json: { node: "mx2" } });
    expect((await request("GET", "/api/v1/tokens", secret)).status).toBe(403);

    await server.stop("SIGKILL");
    server = startServer(places);
    await answers(port);
    expect((await request("GET", "/api/v1/agent", secret)).status).toBe(200);
    expect(await ask(port, "/api/v1/openapi.json")).toContain("No agent collects for the node");
    const { json: list } = await request("GET", "/api/v1/tokens", tokens.admin);
    expect(list["tokens"]).toContainEqual(expect.objectContaining({ name: "new", node: "mx2", origin: "created" }));
    expect((await request("DELETE", `/api/v1/tokens/${String(json["id"])}`, tokens.admin)).status).toBe(204);
    const refused = { status: 401, json: { detail: "This token was revoked." } };
    expect(await request("GET", "/api/v1/agent", secret)).toMatchObject(refused);
    expect((await request("GET", "/api/v1/agent", `${secret}x`)).json["detail"]).toMatch(/needs a token/);

    const client = createClient({ url: `http://127.0.0.1:${port}`, token: secret });
    await expect(client.introduce(AbortSignal.timeout(60_000))).rejects.toThrow(/^this token was revoked$/);
    client.close();

    // What was revoked stays known as such: who still uses it is named where the node's data is missing.
    await server.stop("SIGKILL");
    server = startServer(places);
    await answers(port);
    await until(
      "the node to say why it is silent",
      async () => {
        expect(await request("POST", "/api/v1/agent", secret)).toMatchObject(refused);
        return (await ask(port, "/api/v1/collectors")).includes(
          "its agent at 127.0.0.1 was refused: its token new was revoked; give it a token that is good",
        );
      },
      { everyMs: 500 },
    );
  } catch (error) {
    throw new Error(server.output(), { cause: error });
  } finally {
    await server.stop("SIGKILL");
    folder.remove();
  }
});
