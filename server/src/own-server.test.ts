import { afterEach, expect, test, vi } from "vitest";
import { parseConfig } from "./config/read.ts";
import { ownToken } from "./own-server.ts";

afterEach(() => void vi.unstubAllEnvs());

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
  expect(ownToken(config, "read")).toBe("b".repeat(32));
  vi.stubEnv("MAILTIDE_TOKEN", "c");
  expect(ownToken(config, "read")).toBe("c");
  vi.stubEnv("MAILTIDE_TOKEN", "");
  expect(ownToken(parseConfig("version: 1", "test"), "read")).toBeUndefined();
});
