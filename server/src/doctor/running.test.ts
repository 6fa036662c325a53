import { afterEach, expect, test, vi } from "vitest";
import { parseConfig } from "../config/read.ts";
import { asRunning, readToken } from "./running.ts";

afterEach(() => void vi.unstubAllEnvs());

test("what others bring is known to the running server only, and what it says of that is the finding", () => {
  const told = [
    { id: "a", state: "ok", problem: null },
    { id: "b", state: "starting", problem: null },
    { id: "c", state: "failing", problem: "nothing has come" },
    { id: "d", state: "stale", problem: null },
  ];
  const verdicts = ["a", "b", "c", "d", "e"].map((id) => asRunning(id, { base: "u", told }).verdict);
  expect(verdicts).toEqual(["ok", "note", "FAILS", "FAILS", "FAILS"]);
  expect(asRunning("c", { base: "u", told }).says).toBe("nothing has come");
  expect(asRunning("a", { base: "u", told: null })).toMatchObject({
    verdict: "note",
    says: expect.stringContaining("MAILTIDE_TOKEN"),
  });
  expect(asRunning("a", { silent: "http://127.0.0.1:4000" })).toMatchObject({
    verdict: "note",
    says: expect.stringContaining("none answers at http://127.0.0.1:4000"),
  });
});

test("it is asked with the environment's token, else with one of the configuration that may read", () => {
  vi.stubEnv("MAILTIDE_TEST_A", "a".repeat(32));
  vi.stubEnv("MAILTIDE_TEST_B", "b".repeat(32));
  const config = parseConfig(
    `version: 1
auth:
  tokens:
    - { name: x, secret: { env: MAILTIDE_TEST_A }, scopes: [ingest] }
    - { name: y, secret: { env: MAILTIDE_TEST_B }, scopes: [read] }`,
    "test",
  );
  vi.stubEnv("MAILTIDE_TOKEN", "");
  expect(readToken(config)).toBe("b".repeat(32));
  vi.stubEnv("MAILTIDE_TOKEN", "c");
  expect(readToken(config)).toBe("c");
  vi.stubEnv("MAILTIDE_TOKEN", "");
  expect(readToken(parseConfig("version: 1", "test"))).toBeUndefined();
});
