import { dependencyId, nodeId } from "@mailtide/shared";
import { expect, test } from "vitest";
import { newCore } from "../../../test/model/site-core.ts";
import { epochMs, mx } from "../../../test/model/lines.ts";
import { secrets, serve, stateAt } from "../../../test/serving.ts";
import type { HostsPort } from "../ports.ts";

const ask = (url: string, node: string, token: string = secrets.wall): Promise<Response> =>
  fetch(`${url}/api/v1/nodes/${encodeURIComponent(node)}`, { headers: { authorization: `Bearer ${token}` } });

test("one host in full, for who may read", async () => {
  const core = newCore();
  core.turn({
    nowMs: epochMs,
    observations: [
      { kind: "log", node: mx, atMs: epochMs, event: { event: "message", process: "exim", queueId: "Q" } },
    ],
    commands: [],
    pagesSent: [],
  });
  const hosts: HostsPort = {
    all: (nowMs) => core.hosts(nowMs),
    one: (node, nowMs) => {
      const facts = core.host(node, nowMs);
      return facts && { ...facts, dependencies: [dependencyId("mail-db")] };
    },
  };
  const { server, url } = await serve({ hosts });
  try {
    expect((await ask(url, mx)).status).toBe(503);
    const state = stateAt(1);
    const late = {
      node: mx,
      count: 12,
      waitSeconds: 400,
      oldestSeconds: 500,
      lastDepartureMs: null,
      destination: null,
    };
    const meta = { ...state.meta, nowMs: epochMs + 5_000 };
    server.publish({ ...state, meta, delay: { ...state.delay, lateHosts: [late] } });
    expect((await ask(url, mx, secrets.deploy)).status).toBe(403);
    const answer = await ask(url, mx);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      version: 1,
      node: mx,
      at: new Date(epochMs + 5_000).toISOString(),
      listedAt: null,
      lastDepartureAt: null,
      late: { count: 12, waitSeconds: 400 },
      perSecond: null,
      course: { stepSeconds: 30 },
      dependencies: ["mail-db"],
    });
    expect(await (await ask(url, "")).json()).toEqual({
      version: 1,
      at: new Date(epochMs + 5_000).toISOString(),
      nodes: [
        {
          node: mx,
          queued: 1,
          ownQueued: 1,
          oldestOwnSeconds: 5,
          lastDepartureAt: null,
          late: { count: 12, waitSeconds: 400 },
        },
      ],
    });
    for (const name of ["nobody", "__proto__", "../collectors", "<b>"]) {
      const refused = await ask(url, name);
      expect(refused.status).toBe(404);
      expect(await refused.json()).toMatchObject({ detail: "No host of that name is configured." });
    }
  } finally {
    await server.close();
  }
});

test("a recording says that it keeps no more of a host", async () => {
  const { server, url } = await serve();
  try {
    server.publish(stateAt(1));
    for (const asked of ["", nodeId("mx1")]) {
      const answer = await ask(url, asked);
      expect(answer.status).toBe(404);
      expect(await answer.json()).toMatchObject({ detail: "A recording keeps no more of a single host." });
    }
  } finally {
    await server.close();
  }
});
