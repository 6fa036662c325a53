import { expect, test } from "vitest";
import { createLogger } from "./logger.ts";

function logged(log: (logger: ReturnType<typeof createLogger>) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  log(createLogger({ level: "info", destination: { write: (line: string) => void lines.push(line) } }));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

test("fields are values: neither format strings nor line ends of a stranger change the line", () => {
  const [line, ...more] = logged((logger) => logger.warn("helo was odd", { helo: '%s %j\n{"level":"fatal"}' }));
  expect(more).toEqual([]);
  expect(line).toMatchObject({ level: "warn", msg: "helo was odd", helo: '%s %j\n{"level":"fatal"}' });
});

test("secrets are blanked by name at any depth and by their look anywhere", () => {
  const text = JSON.stringify(
    logged((logger) => {
      logger.info("a", { token: "one", request: { headers: { authorization: "two", cookie: "three" } } });
      logger
        .child({ secret: "four" })
        .error("b", { url: "/login?token=five&x=1", error: new Error("mtk_sixsixsixsix failed") });
    }),
  );
  for (const secret of ["one", "two", "three", "four", "five", "sixsix"]) expect(text).not.toContain(secret);
  expect(text).toContain("x=1");
});

test("giant, deep and odd fields are cut, never thrown on", () => {
  const round: Record<string, unknown> = {};
  round["self"] = round;
  const [line] = logged((logger) =>
    logger.info("a", { giant: "x".repeat(1e6), round, many: Array(1e5).fill(1), big: 1n }),
  );
  expect(JSON.stringify(line).length).toBeLessThan(5_000);
});

test("an error brings its words, its code and its cause", () => {
  const error = Object.assign(new Error("no file", { cause: new Error("below") }), { code: "ENOENT" });
  const [line] = logged((logger) => logger.error("a", { error }));
  expect(line).toMatchObject({
    error: { name: "Error", message: "no file", code: "ENOENT", cause: { name: "Error", message: "below" } },
  });
});

test("only a defect of ours brings the place where it was found, also as the cause of another", () => {
  const defect = new TypeError("x is not a function");
  const refused = new AggregateError([new Error("connect ECONNREFUSED ::1:8086")]);
  const [line] = logged((logger) =>
    logger.error("a", {
      error: new Error("the collector could not read", { cause: defect }),
      sentence: new Error("no file"),
      fetched: new TypeError("fetch failed", { cause: refused }),
    }),
  );
  expect(line).toMatchObject({ error: { cause: { stack: expect.stringContaining("logger.test.ts") as string } } });
  expect(line).toMatchObject({ fetched: { cause: { errors: [{ message: "connect ECONNREFUSED ::1:8086" }] } } });
  expect(JSON.stringify(line).split('"stack"')).toHaveLength(2);
});
