import { causes } from "@mailtide/shared";
import { expect, test } from "vitest";
import { toldCause, toldCauses } from "./told-cause.ts";

test("a report's causes are those of the outside list, whatever screens tell apart", () => {
  expect(causes.map(toldCause).filter((cause) => !toldCauses.includes(cause))).toEqual([]);
  expect(toldCause("replication-lag")).toBe("database-saturated");
  expect(toldCause("schema-lock")).toBe("schema-lock");
  expect(toldCauses).not.toContain("writes-refused");
});
