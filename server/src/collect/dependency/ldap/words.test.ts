import { expect, test } from "vitest";
import { leastSeconds } from "../../../../test/processor-time.ts";
import { inWords } from "./words.ts";

const refused = (message: string): string =>
  inWords("the bind", Object.assign(new Error(message), { code: 80 })).message;

test("what the server says is told without the code that the library adds", () => {
  expect(refused("out of memory. Code: 0x50")).toBe("the bind fails: out of memory (80)");
  expect(refused(" Code: 0x50")).toBe("the bind fails (80)");
});

test("a server that says a lot of nothing holds nobody up", () => {
  expect(leastSeconds(() => refused(`${" ".repeat(30_000)}x Code: 0x50`), 1)).toBeLessThan(0.1);
});
