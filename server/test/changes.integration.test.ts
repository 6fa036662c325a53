import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startLiveApp } from "./real/live-app.ts";
import { freePort, temporaryFolder } from "./real/process.ts";

test("a change that was recorded before a restart is known behind it, by its id and by its key", async () => {
  const folder = temporaryFolder("changes");
  const [config, state] = [join(folder.path, "mailtide.yaml"), join(folder.path, "state")];
  process.env["CHANGES_DEPLOY"] = "deploy-secret-0123456789";
  writeFileSync(
    config,
    `version: 1
server: { port: ${await freePort()}, state: ${JSON.stringify(state)} }
auth: { tokens: [{ name: deploy, secret: { env: CHANGES_DEPLOY }, scopes: [change] }] }
nodes: [{ id: mx1, collect: [{ type: postfix-policy, listen: "127.0.0.1:${await freePort()}" }] }]
`,
  );
  let app = await startLiveApp(config, state);
  const say = (method: string, path: string, body: object) =>
    fetch(`${app.url}/api/v1/changes${path}`, {
      method,
      headers: {
        authorization: "Bearer deploy-secret-0123456789",
        "content-type": "application/json",
        "idempotency-key": "push 4711",
      },
      body: JSON.stringify(body),
    });
  try {
    const first = await say("POST", "", { title: "push 4711" });
    expect(first.status).toBe(201);
    const { id } = (await first.json()) as { id: string };
    await app.close();
    app = await startLiveApp(config, state);
    const again = await say("POST", "", { title: "push 4711" });
    expect([again.status, await again.json()]).toEqual([200, { id }]);
    const ends = async (endAt: string) => (await say("PATCH", `/${id}`, { endAt })).status;
    expect(await ends("2016-05-11T10:00:00Z"), "before its start").toBe(422);
    expect(await ends(new Date(Date.now() + 1_000).toISOString())).toBe(200);
    expect((await say("PATCH", "/chg_none", { endAt: "2016-05-11T10:00:00Z" })).status).toBe(404);
  } finally {
    await app.close();
    folder.remove();
  }
});
