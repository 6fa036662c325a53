import { collectorId, nodeId } from "@mailtide/shared";
import { expect, test } from "vitest";

import { secrets, serve, stateAt } from "../../../test/serving.ts";

test("collectors are listed with their age, what ails them and which way they took", async () => {
  const { server, url } = await serve();
  const says = "listed with postqueue -j (2.4 s): that needs the group postdrop";
  const queue = { id: collectorId("mx1/postfix-queue"), node: nodeId("mx1"), required: false, limitSeconds: 90 };
  const ill = { ...queue, id: collectorId("mx1/postfix-log"), required: true };
  try {
    const ask = (token: string) => fetch(`${url}/api/v1/collectors`, { headers: { authorization: `Bearer ${token}` } });
    expect((await ask(secrets.deploy)).status).toBe(403);
    const state = stateAt(1);
    const collectors = [
      { ...ill, lastDataMs: null, state: "failing", problem: "/var/log/mail.log: permission denied" } as const,
      { ...queue, lastDataMs: 1_500, state: "ok", problem: null, says } as const,
    ];
    server.publish({ ...state, freshness: { ...state.freshness, collectors } });
    const answer = (await (await ask(secrets.wall)).json()) as { collectors: unknown[] };
    expect(answer.collectors).toEqual([
      { ...ill, lastDataAt: null, state: "failing", problem: "/var/log/mail.log: permission denied" },
      { ...queue, lastDataAt: "1970-01-01T00:00:01.500Z", state: "ok", problem: null, says },
    ]);
  } finally {
    await server.close();
  }
});
