import { expect, test } from "vitest";
import { cancelStatement, endSession } from "./commands.ts";

test("a session as a probe names it gives a command with its number alone", () => {
  expect(cancelStatement("postgres", "4711 deploy@mail")).toBe("SELECT pg_cancel_backend(4711);");
  expect(endSession("postgres", "4711")).toBe("SELECT pg_terminate_backend(4711);");
  expect(cancelStatement("mysql", "8 root@mail")).toBe("KILL QUERY 8;");
  expect(endSession("mysql", "8 x; DROP TABLE y@mail")).toBe("KILL 8;");
});

test.each(["", "deploy@mail", "4711; DROP TABLE t", "4711x", "-1", "1".repeat(19)])("no command for %j", (session) => {
  for (const kind of ["postgres", "mysql"] as const) {
    expect(cancelStatement(kind, session)).toBeNull();
    expect(endSession(kind, session)).toBeNull();
  }
});
