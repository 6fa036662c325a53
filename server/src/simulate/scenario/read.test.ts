import { expect, test } from "vitest";
import { ConfigError } from "../../config/error.ts";
import { parseScenario } from "./read.ts";

const head = `version: 1
id: day
title: A day
timezone: Europe/Berlin
from: 2016-05-11T06:00
to: 2016-05-12T00:30
rate: 20
`;

function problems(rest: string, start = head): readonly string[] {
  try {
    parseScenario(start + rest, "day.yaml");
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

test("what is not written has its usual value", () => {
  const scenario = parseScenario(head, "day.yaml");
  expect(scenario.platform.nodes).toEqual(["mx1", "mx2"]);
  expect(scenario.platform.filter?.capacity).toBe(1.33);
  expect(scenario.events).toEqual([]);
});

test.each<[what: string, rest: string, said: string]>([
  ["an unknown key", "plattform: {}\n", 'day.yaml:8: unknown key "plattform"; did you mean "platform"?'],
  [
    "a key of another kind of event",
    'events:\n  - { what: surge, at: "2016-05-11T11:40", until: "2016-05-11T12:00", perSecond: 2, sorces: 3 }\n',
    'day.yaml:9: unknown key "sorces" in events[0]',
  ],
  [
    "an unknown kind of event",
    'events:\n  - { what: flod, at: "2016-05-11T11:40", until: "2016-05-11T12:00" }\n',
    'day.yaml:9: events[0].what: "flod" is none of flood, block-by-hand, backscatter, list-loop, surge, dependency, destinations, network, capacity, slow-connections, log-loss, clock-step, collector-gap; did you mean "flood"?',
  ],
  [
    "an unknown word in a list of words",
    "dependencies:\n  - id: mail-db\n    type: postgre\n",
    'day.yaml:10: dependencies[0].type: "postgre" is none of postgres, mysql, redis, ldap, dns, smtp, roundtrip, filter, http, tcp, disk, certificate; did you mean "postgres"?',
  ],
  [
    "an event after the day",
    "events:\n  - what: surge\n    at: 2016-05-11T23:40\n    until: 2016-05-12T01:00\n    perSecond: 2\n",
    "day.yaml:11: events[0].until: 2016-05-12T01:00 is not within the day",
  ],
  [
    "an event that ends before it begins",
    "events:\n  - what: surge\n    at: 2016-05-11T12:40\n    until: 2016-05-11T12:00\n    perSecond: 2\n",
    "day.yaml:11: events[0].until: 2016-05-11T12:00 is before 2016-05-11T12:40",
  ],
  [
    "a date that is none",
    "arrivals: { holidays: [2016-02-30] }\n",
    "day.yaml:8: arrivals.holidays[0]: 2016-02-30 is in no calendar",
  ],
  [
    "a dependency that is not there",
    "platform:\n  inbound:\n    asks: [mail-bd]\ndependencies: [{ id: mail-db, type: postgres }]\n",
    'day.yaml:10: platform.inbound.asks[0]: there is no dependency "mail-bd"; did you mean "mail-db"?',
  ],
  [
    "a node that is not there",
    'events:\n  - { what: log-loss, at: "2016-05-11T11:40", until: "2016-05-11T12:00", share: 0.1, nodes: [mx3] }\n',
    'day.yaml:9: events[0].nodes[0]: there is no node "mx3"; did you mean "mx1"?',
  ],
  [
    "a platform that cannot do its own ordinary day",
    "platform:\n  filter:\n    capacity: 0.9\n",
    "day.yaml:10: platform.filter.capacity: 0.9 is not enough for an ordinary day, which needs 1",
  ],
  [
    "postscreen that is switched off",
    "events:\n  - what: flood\n    at: 2016-05-11T11:40\n    until: 2016-05-11T12:00\n    kind: listed\n    sources: 9\n    perSecond: 2\n    stoppedBy: postscreen\n",
    "day.yaml:15: events[0].stoppedBy: platform.postscreen.enabled is false",
  ],
  ["no conclusions", "answer: spoof-flood\n", 'day.yaml:8: unknown key "answer"'],
])("%s is named with its line", (_what, rest, said) => {
  expect(problems(rest)).toEqual([said]);
});

test("a zone that does not exist, and a day that ends before it begins", () => {
  expect(problems("", head.replace("Europe/Berlin", "Europe/Berlyn"))).toEqual([
    'day.yaml:4: timezone: "Europe/Berlyn" is not an IANA time zone such as Europe/Berlin',
  ]);
  expect(problems("", head.replace("2016-05-12T00:30", "2016-05-11T06:00"))).toEqual([
    "day.yaml:6: to: 2016-05-11T06:00 is not after 2016-05-11T06:00",
  ]);
});

test("no more than a dozen events and changes", () => {
  const gap = '  - { what: collector-gap, at: "2016-05-11T11:40", until: "2016-05-11T12:00" }\n';
  const change = 'changes: [{ at: "2016-05-11T11:40", title: new wording }]\n';
  expect(problems(`events:\n${gap.repeat(12)}`)).toEqual([]);
  expect(problems(`${change}events:\n${gap.repeat(12)}`)).toEqual([
    "day.yaml:9: events: 12 events and 1 changes are more than 12",
  ]);
});

test("text that is no YAML is named with its line", () => {
  expect(problems("platform: {\n")[0]).toMatch(/^day\.yaml:9: /);
});
