import { expect, test } from "vitest";
import { asRunning } from "./running.ts";

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
