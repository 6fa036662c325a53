import { expect, test } from "vitest";
import { type DependencyView, dependencyId } from "@mailtide/shared";
import { fittingDetails, pickDependencies, stateAndNote } from "./needs-select.ts";

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

const dependencyOf = (id: string, state: DependencyView["state"]): DependencyView => ({
  id: dependencyId(id),
  type: "tcp",
  state,
  latencySeconds: null,
  checkedAtMs: 0,
  note: null,
  recent: [],
  sql: null,
});
const ill = (count: number) => Array.from({ length: count }, (_, index) => dependencyOf(`ill ${index}`, "failing"));
const ids = (shown: readonly DependencyView[]): string[] => shown.map(({ id }) => id);

test("all that fit stand in the server's order, with all that they say", () => {
  const all = [dependencyOf("a", "ok"), dependencyOf("b", "failing"), dependencyOf("c", "ok")];
  const picked = pickDependencies(all, 8, ({ state }) => (state === "ok" ? 0 : 2));
  expect(picked).toMatchObject({ shown: all, detailLines: 2, hidden: 0 });
});

test("where more are ill than fit with what they say, each is named before one is told in full", () => {
  const well = Array.from({ length: 20 }, (_, index) => dependencyOf(`well ${index}`, "ok"));
  const pick = (count: number) =>
    pickDependencies([...well, ...ill(count)], 8, ({ state }) => (state === "ok" ? 0 : 2));
  expect(pick(2)).toMatchObject({ detailLines: 2, hidden: 19, hiddenAllWell: true });
  expect(pick(3)).toMatchObject({ detailLines: 1, hidden: 19, hiddenAllWell: true });
  expect(pick(7)).toMatchObject({ detailLines: 0, hidden: 20, hiddenAllWell: true });
  expect(ids(pick(7).shown)).toEqual(ids(ill(7)));
  expect(pick(9)).toMatchObject({ detailLines: 0, hidden: 22, hiddenAllWell: false });
});

test("what is failing stands before what is only slow", () => {
  const all = [dependencyOf("slow", "slow"), dependencyOf("well", "ok"), dependencyOf("dead", "failing")];
  expect(ids(pickDependencies(all, 2, () => 0).shown)).toEqual(["dead"]);
});
