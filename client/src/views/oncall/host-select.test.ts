import { type HostView, nodeId } from "@mailtide/shared";
import { expect, test } from "vitest";
import { alert, collector, incident, say } from "../../lab/frames/build.ts";
import { allHosts, collectorsOf, incidentsAt, onlyHost, viewsOf } from "./host-select.ts";

const host = (name: string): HostView => ({
  node: nodeId(name),
  queued: 3,
  ownQueued: 3,
  oldestOwnSeconds: null,
  lastDepartureMs: null,
});
const freshness = {
  silence: null,
  slowest: null,
  collectors: ["mx10", "mx9", "edge"].map((name) => collector(`${name}/log`, name, 0)),
  complete: true,
  incompleteBecause: [],
  lostLines: 0,
  lostShare: 0,
};
test("all hosts: those with figures as the server orders them, then the others by name", () => {
  const { rows, count } = allHosts([host("mx9")], freshness, "");
  expect(rows.map(({ node, host: figures }) => [node, figures?.ownQueued ?? null])).toEqual([
    ["mx9", 3],
    ["edge", null],
    ["mx10", null],
  ]);
  expect(count).toBe(3);
});

test("silent hosts stand first, where nobody has to look for them", () => {
  const silence = { collectors: freshness.collectors.filter(({ node }) => node === "mx10"), hosts: 3 };
  const { rows } = allHosts([host("mx9")], { ...freshness, silence }, "");
  expect(rows.map(({ node }) => node)).toEqual(["mx10", "mx9", "edge"]);
});

test("late ones stand behind the silent ones", () => {
  const late = ["mx9", "mx10"].map((node) => ({
    node: nodeId(node),
    count: 9,
    waitSeconds: 400,
    oldestSeconds: 500,
    lastDepartureMs: null,
    destination: null,
  }));
  const silence = { collectors: freshness.collectors.filter(({ node }) => node === "mx10"), hosts: 3 };
  const { rows } = allHosts([host("edge"), host("mx9")], { ...freshness, silence, late }, "");
  expect(rows.map(({ node }) => node)).toEqual(["mx10", "mx9", "edge"]);
});

test("the server's list is as the screens have it", () => {
  const { lastDepartureMs: _, ...figures } = host("mx1");
  const nodes = [null, "2016-05-11T01:07:22.000Z"].map((lastDepartureAt) => ({
    ...figures,
    lastDepartureAt,
    late: null,
  }));
  const views = viewsOf({ version: 1, at: "2016-05-11T01:07:23.000Z", nodes });
  expect(views.map(({ lastDepartureMs }) => lastDepartureMs)).toEqual([null, Date.UTC(2016, 4, 11, 1, 7, 22)]);
});

test("a part of a name finds a host, whatever its case", () => {
  const { rows, count } = allHosts([host("mx9")], freshness, " MX ");
  expect(rows.map(({ node }) => node)).toEqual(["mx9", "mx10"]);
  expect(count).toBe(3);
  expect(allHosts([host("mx9")], freshness, "nowhere").rows).toEqual([]);
});

const read = (...nodes: (string | null)[]) => ({
  ...freshness,
  collectors: nodes.map((node, index) => ({
    ...collector(`c${index}`, "mx1", 0),
    node: node === null ? null : nodeId(node),
  })),
});
test("a site's only host is known by what is read of it", () => {
  expect(onlyHost(read("mx1", null, "mx1"))).toBe("mx1");
  expect(onlyHost(read("mx1", "mx2"))).toBe(null);
  expect(onlyHost(read(null))).toBe(null);
});

test("what ails a host comes first, then what has to be well", () => {
  const collectors = [
    collector("a/optional", "a", 0, { required: false }),
    collector("a/log", "a", 0),
    collector("a/queue", "a", 0, { required: false, state: "failing" }),
    collector("b/log", "b", 0, { state: "stale" }),
  ];
  const ids = collectorsOf({ ...freshness, collectors }, nodeId("a")).map(({ id }) => id);
  expect(ids).toEqual(["a/queue", "a/log", "a/optional"]);
});

const one = (id: string, rest: object, more: object = {}) =>
  incident(id, say(id), 0, [alert(id, "no-departures", say(id), 0, [], { node: nodeId("a"), ...rest })], more);

test("an incident is of a host while an alert of it that is not over names it, or of the whole site while one names none", () => {
  const incidents = [
    one("here", {}),
    one("elsewhere", { node: nodeId("b") }),
    one("alert-over", { state: "resolved" }),
    one("over", {}, { state: "resolved" }),
    one("site", { node: null }),
    one("site-over", { node: null, state: "resolved" }),
  ];
  const { here, ofSite } = incidentsAt(incidents, nodeId("a"));
  expect([here, ofSite].map((all) => all.map(({ id }) => id))).toEqual([["here"], ["site"]]);
});
