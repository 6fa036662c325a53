import { expect, test } from "vitest";
import { fittingDetails, stateAndNote } from "./needs-select.ts";

test("a detail that finds no room is left out whole; the first one always stands", () => {
  const details = ["lock released 14:51", "231 of 400 connections", "2 wait for locks"];
  expect(fittingDetails(details, Infinity)).toEqual(details);
  expect(fittingDetails(details, 50)).toEqual(details.slice(0, 2));
  expect(fittingDetails(details, 40)).toEqual(details.slice(0, 1));
  expect(fittingDetails(["x".repeat(90), "y"], 40)).toEqual(["x".repeat(90)]);
  expect(fittingDetails([], 40)).toEqual([]);
});

test("a state that the note begins with is said once", () => {
  expect(stateAndNote("failing", "failing since 12:24: refused")).toEqual(["failing", "since 12:24: refused"]);
  expect(stateAndNote("slow", "slow, usually 12 ms")).toEqual(["slow", "usually 12 ms"]);
  expect(stateAndNote("slow", "slower than allowed")).toEqual(["slower than allowed"]);
  expect(stateAndNote("slow", "lock held since 12:24")).toEqual(["slow", "lock held since 12:24"]);
});
