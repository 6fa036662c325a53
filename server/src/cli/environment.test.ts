import { afterEach, expect, test, vi } from "vitest";
import { parseConfig } from "../config/read.ts";
import { stateFolderOf } from "./environment.ts";
import { withFlags } from "./serve.ts";

afterEach(() => void vi.unstubAllEnvs());

test("a variable that is empty is as good as none", () => {
  const config = parseConfig("version: 1\nserver: { port: 4321 }", "test");
  for (const [given, folder, port] of [
    ["", ".mailtide", 4321],
    ["4322", "4322", 4322],
  ] as const) {
    vi.stubEnv("MAILTIDE_STATE", given);
    vi.stubEnv("MAILTIDE_PORT", given);
    expect(stateFolderOf(config)).toBe(folder);
    expect(withFlags(config, {}).server.port).toBe(port);
  }
});
