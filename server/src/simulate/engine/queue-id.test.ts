import { expect, test } from "vitest";
import { createQueueIds } from "./queue-id.ts";

test("queue ids are unique, and the first six signs are the seconds in base 52", () => {
  const newId = createQueueIds(4_000_000);
  const ids = Array.from({ length: 5_000 }, () => newId(1_462_958_640_999));
  expect(new Set(ids).size).toBe(5_000);
  const digits = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz";
  const seconds = (ids[0] ?? "")
    .slice(0, 6)
    .split("")
    .reduce((sum, sign) => sum * 52 + digits.indexOf(sign), 0);
  expect(seconds).toBe(1_462_958_640);
  for (const id of ids)
    expect(id).toMatch(/^[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{10}z[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-y]+$/);
});
