import { expect, test } from "vitest";
import { alertingConfig } from "../../../test/alerting.ts";
import { calmSections, database, someMs, sql } from "../../../test/sections.ts";
import type { Sections } from "../detect/rule.ts";
import { AlertModel } from "./model.ts";
import type { Effect } from "./signal.ts";

const calm = calmSections();
const locked: Sections = {
  ...calm,
  delay: { ...calm.delay, headlineSeconds: 20, tendency: "rising" },
  dependencies: {
    dependencies: [
      database({
        sql: sql({
          lockSinceMs: someMs - 10_000,
          ddl: [{ session: "48213", statement: "DROP TABLE t", seconds: 40, granted: true }],
          blocked: [{ session: "5", blockedBy: ["48213"], seconds: 39, statement: null }],
        }),
      }),
    ],
  },
};
const change = { id: "c1", title: "code push #4182", startAtMs: someMs - 37_000, link: "https://ci.example/4182" };

/** A day in short: calm, a push and its lock, calm again until it resolves. */
function play(model: () => AlertModel): { readonly effects: readonly Effect[]; readonly last: AlertModel } {
  const effects: Effect[] = [];
  let last = model();
  last.apply({ kind: "change", atMs: someMs, change });
  for (let second = 0; second < 900; second += 5) {
    const sections = second >= 30 && second < 90 ? locked : calm;
    effects.push(...last.turn({ sections, targetSeconds: 300, commands: [] }, someMs + second * 1000));
    const restored = model();
    if (restored !== last && restored.restore({ format: 1, text: last.save() })) last = restored;
  }
  return { effects, last };
}

test("a lock after a push becomes one page that quotes the evidence, and one resolve under the same incident", () => {
  const one = new AlertModel({ ...alertingConfig, rules: {}, hosts: [] });
  const { effects, last } = play(() => one);
  expect(effects.map(({ channel, action, incident }) => [channel, action, incident])).toEqual([
    ["page", "trigger", "i-1"],
    ["page", "resolve", "i-1"],
  ]);
  expect(effects[0]?.summary).toBe(
    "Schema lock on mail-db (since 11:59 Africa/Johannesburg). DROP TABLE (session 48213) holds 1 session for 40 s. " +
      "Session 5 is blocked by session 48213. Statement: DROP TABLE t",
  );
  expect(effects[0]?.details).toMatchObject({ headlineSeconds: 20, causes: "schema-lock", changes: 1 });
  const [incident] = last.section().incidents;
  expect(incident).toMatchObject({ state: "resolved", changes: [{ title: "code push #4182" }] });
  expect(incident?.alerts[0]).toMatchObject({ state: "resolved", firedAtMs: someMs + 30_000 });
  expect(last.trendMarks(someMs - 3_600_000).map(({ kind }) => kind)).toEqual(["change", "fault"]);
});

test("restored after every turn, it tells the same", () => {
  const one = new AlertModel({ ...alertingConfig, rules: {}, hosts: [] });
  const always = play(() => new AlertModel({ ...alertingConfig, rules: {}, hosts: [] }));
  expect(always.effects).toEqual(play(() => one).effects);
  expect(always.last.save()).toBe(one.save());
});

test("a format it does not know leaves it empty", () => {
  const model = new AlertModel({ ...alertingConfig, rules: {}, hosts: [] });
  model.turn({ sections: locked, targetSeconds: 300, commands: [] }, someMs);
  expect(model.openIncident()).toBe("i-1");
  expect(model.restore({ format: 2, text: "{}" })).toBe(false);
  expect(model.openIncident()).toBeNull();
});

test("the time a page left is shown with its incident", () => {
  const model = new AlertModel({ ...alertingConfig, rules: {}, hosts: [] });
  model.turn({ sections: locked, targetSeconds: 300, commands: [] }, someMs);
  const id = model.openIncident();
  if (id !== null) model.notePageSent(id, someMs + 800);
  expect(model.section().incidents[0]?.pageSentAtMs).toBe(someMs + 800);
});

test("thresholds of the configuration replace the shipped ones", () => {
  const model = new AlertModel({ ...alertingConfig, rules: { "schema-lock": { minSeconds: 600 } }, hosts: [] });
  model.turn({ sections: locked, targetSeconds: 300, commands: [] }, someMs);
  expect(model.openIncident()).toBeNull();
});
