import { expect, test } from "vitest";
import { linesPaths } from "./lines-path.ts";

test("all columns share one scale, and an unknown step breaks a line", () => {
  const { paths, top } = linesPaths(
    [
      [0, 50, 100],
      [10, null, 20],
    ],
    100,
    10,
  );
  expect(top).toBe(100);
  expect(paths).toEqual(["M0 10L50 5L100 0", "M0 9M100 8"]);
});

test("nothing known and nothing moving are no error", () => {
  expect(
    linesPaths(
      [
        [null, null],
        [0, 0],
      ],
      100,
      10,
    ),
  ).toEqual({ paths: ["", "M0 10L100 10"], top: 0 });
});
