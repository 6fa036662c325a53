import { expect, test } from "vitest";
import { secrets, serve } from "../../../test/serving.ts";

const figures = { hops: 12, bytes: 4_096, oldestMs: 1_500, forgottenForRoom: 4, lostFacts: 5, problem: "disk full" };

test("readyz tells how the message index stands; why it fails, to those who may read", async () => {
  const { server, url } = await serve({ indexFigures: () => figures });
  try {
    const ask = async (headers: Record<string, string>): Promise<unknown> =>
      ((await (await fetch(`${url}/readyz`, { headers })).json()) as { index?: unknown }).index;
    const told = {
      ok: false,
      queueFiles: 12,
      bytes: 4_096,
      oldest: "1970-01-01T00:00:01.500Z",
      forgottenForRoom: 4,
      lostFacts: 5,
    };
    expect(await ask({})).toEqual(told);
    expect(await ask({ authorization: `Bearer ${secrets.wall}` })).toEqual({ ...told, problem: "disk full" });
  } finally {
    await server.close();
  }
});

test("without an index it says nothing of one", async () => {
  const { server, url } = await serve();
  try {
    expect(await (await fetch(`${url}/readyz`)).json()).not.toHaveProperty("index");
  } finally {
    await server.close();
  }
});
