import { incidentId, nodeId } from "@mailtide/shared";
import { expect, test } from "vitest";
import { said, Stepper } from "../../../test/alerting.ts";
import { incidentViews } from "../incident/view.ts";

const first = incidentId("i-1");
const ack = { type: "acknowledge", incident: first, by: "sam" } as const;
const ticket = { severity: "ticket" } as const;

test("bad must last for its time, then pages once, and resolves once after it was clear long enough", () => {
  const s = new Stepper();
  const late = said("late-mail", { forSeconds: 15 });
  expect(s.after(0, [late])).toEqual([]);
  expect(s.after(14, [late])).toEqual([]);
  expect(s.after(1, [late])).toEqual(["page trigger 1"]);
  expect(s.after(60, [late])).toEqual([]);
  const clear = said("late-mail", { level: "clear" });
  expect(s.after(1, [clear])).toEqual([]);
  expect(s.after(599, [clear])).toEqual([]);
  expect(s.after(1, [clear])).toEqual(["page resolve 2"]);
  expect(s.after(3600, [clear])).toEqual([]);
  expect(s.state.open).toBeNull();
});

test("a clock that is set back makes nobody wait for a page, nor for the end of it", () => {
  const s = new Stepper();
  const late = said("late-mail", { forSeconds: 15 });
  s.after(7_200, [late]);
  expect(s.after(-3_600, [late])).toEqual([]);
  expect(s.after(15, [late])).toEqual(["page trigger 1"]);
  s.after(7_200, []);
  expect(s.after(-3_600, [])).toEqual([]);
  expect(s.after(600, [])).toEqual(["page resolve 2"]);
});

test("what passes before its time never fires; a key that is not mentioned is clear", () => {
  const s = new Stepper();
  const slow = said("late-mail", { forSeconds: 30 });
  s.after(0, [slow]);
  s.after(20, []);
  expect(s.after(15, [slow])).toEqual([]);
  expect(s.state.open).toBeNull();
});

test("a flap within the time of resolving reopens nothing and tells nobody", () => {
  const s = new Stepper();
  expect(s.after(0, [said("late-mail")])).toEqual(["page trigger 1"]);
  for (let turn = 0; turn < 20; turn++) {
    expect(s.after(300, [])).toEqual([]);
    expect(s.after(300, [said("late-mail")])).toEqual([]);
  }
});

test("between holds what is, unknown neither fires nor resolves", () => {
  const s = new Stepper();
  expect(s.after(0, [said("late-mail", { level: "unknown" })])).toEqual([]);
  s.after(0, [said("late-mail")]);
  expect(s.after(9000, [said("late-mail", { level: "between" })])).toEqual([]);
  s.after(1, []);
  expect(s.after(500, [said("late-mail", { level: "unknown" })])).toEqual([]);
  s.after(1, []);
  expect(s.after(500, [])).toEqual([]);
  expect(s.after(100, [])).toEqual(["page resolve 2"]);
});

test("alerts that fire while an incident is open join it; it resolves when the last has", () => {
  const s = new Stepper();
  expect(s.after(0, [said("attack-sources", { ...ticket, cause: "spoof-flood" })])).toEqual(["ticket trigger 1"]);
  const lock = said("schema-lock", { cause: "schema-lock" });
  expect(s.after(2640, [said("attack-sources", ticket), lock])).toEqual(["page trigger 1"]);
  expect(incidentViews(s.state.open, [])[0]).toMatchObject({ id: first, severity: "page", state: "open" });
  expect(incidentViews(s.state.open, [])[0]?.title.params).toEqual({ first: "spoof-flood", next: "schema-lock" });
  s.after(1, [lock]);
  expect(s.after(600, [lock])).toEqual([]);
  expect(s.after(1, [])).toEqual([]);
  expect(s.after(600, [])).toEqual(["page resolve 2", "ticket resolve 2"]);
});

test("a relapse after the end is a new incident under a new key", () => {
  const s = new Stepper();
  s.after(0, [said("late-mail")]);
  s.after(1, []);
  s.after(600, []);
  expect(s.after(60, [said("late-mail")])).toEqual(["page trigger 1"]);
  expect(s.state.open?.id).toBe("i-2");
  expect(s.state.resolved.map(({ id }) => id)).toEqual([first]);
});

test("an alert that resolved while its incident goes on fires again as the same", () => {
  const s = new Stepper();
  const other = said("other");
  s.after(0, [said("late-mail"), other]);
  s.after(1, [other]);
  s.after(600, [other]);
  expect(s.state.open?.alerts[0]?.resolvedAtMs).not.toBeNull();
  expect(s.after(1, [said("late-mail"), other])).toEqual([]);
  expect(s.state.open?.alerts).toHaveLength(2);
  expect(s.state.open?.alerts[0]?.resolvedAtMs).toBeNull();
});

test("information is on the screen and told nobody; growing it becomes a ticket, then a page", () => {
  const s = new Stepper();
  expect(s.after(0, [said("db", { severity: "info" })])).toEqual([]);
  expect(s.state.open?.severity).toBe("info");
  expect(s.after(10, [said("db", ticket)])).toEqual(["ticket trigger 1"]);
  expect(s.after(50, [said("db")])).toEqual(["page trigger 1"]);
  expect(s.after(1, [said("db", { severity: "info" })])).toEqual([]);
  expect(s.state.open?.severity).toBe("page");
});

test("an acknowledgement is told once on each channel; what is worse wakes again", () => {
  const s = new Stepper();
  s.after(0, [said("db", ticket)]);
  expect(s.after(1, [said("db", ticket)], { commands: [ack, ack] })).toEqual(["ticket acknowledge 2"]);
  expect(incidentViews(s.state.open, [])[0]).toMatchObject({ state: "acknowledged", acknowledgedBy: "sam" });
  expect(s.after(1, [said("db", ticket), said("disk", ticket)])).toEqual([]);
  expect(s.after(1, [said("db")])).toEqual(["page trigger 1"]);
  expect(incidentViews(s.state.open, [])[0]?.state).toBe("open");
  expect(s.after(1, [said("db")], { commands: [ack] })).toEqual(["page acknowledge 2"]);
  expect(s.after(1, [said("db")], { commands: [{ ...ack, incident: incidentId("i-9") }] })).toEqual([]);
});

test("a silence holds the page back while it lasts, and not a moment longer", () => {
  const s = new Stepper();
  const silence = { id: "s", rule: "late-mail", untilMs: s.nowMs + 60_000, by: "sam", reason: "test" };
  expect(s.after(0, [said("late-mail")], { commands: [{ type: "silence", silence }] })).toEqual([]);
  expect(s.state.open).not.toBeNull();
  expect(s.after(59, [said("late-mail")])).toEqual([]);
  expect(s.after(1, [said("late-mail")])).toEqual(["page trigger 1"]);
  expect(s.state.silences).toEqual([]);
});

test("a silence fits only what it names, one that names nothing fits nothing, and it can be lifted", () => {
  const untilMs = new Stepper().nowMs + 60_000;
  const on = (fit: object) =>
    ({ type: "silence", silence: { id: "s", untilMs, by: "sam", reason: "", ...fit } }) as const;
  const there = said("late-mail", { node: nodeId("mx1") });
  const told = (fit: object) => new Stepper().after(0, [there], { commands: [on(fit)] });
  expect(told({})).toEqual(["page trigger 1"]);
  expect(told({ node: nodeId("mx2") })).toEqual(["page trigger 1"]);
  expect(told({ rule: "late-mail", node: nodeId("mx2") })).toEqual(["page trigger 1"]);
  expect(told({ node: nodeId("mx1") })).toEqual([]);
  expect(told({ incident: first })).toEqual([]);
  const s = new Stepper();
  s.after(0, [there], { commands: [on({ rule: "late-mail" })] });
  expect(s.after(1, [there], { commands: [{ type: "unsilence", id: "s", by: "sam" }] })).toEqual(["page trigger 1"]);
});

test("a firing source inhibits its targets, but never one that is more severe", () => {
  const inhibitions = [{ source: "down", targets: ["late-mail"] }];
  const s = new Stepper({ inhibitions });
  expect(s.after(0, [said("down", ticket), said("late-mail", ticket)])).toEqual(["ticket trigger 1"]);
  expect(s.after(0, [said("down", ticket), said("late-mail")])).toEqual(["page trigger 1"]);
  const info = new Stepper({ inhibitions });
  expect(info.after(0, [said("down", { severity: "info" }), said("late-mail", { severity: "info" })])).toEqual([]);
});

test("changes of the hour before the onset are attached, also when they are told late", () => {
  const s = new Stepper();
  const change = (id: string, minutes: number, link?: string) => ({
    id,
    title: `push ${id}`,
    startAtMs: s.nowMs + minutes * 60_000,
    ...(link === undefined ? {} : { link }),
  });
  s.after(0, [said("db")], { changes: [change("old", -61), change("near", -1, "https://ci.example/4182")] });
  s.after(60, [said("db")], { changes: [change("told-late", -5, "javascript:alert(1)"), change("after", 1)] });
  expect(incidentViews(s.state.open, [])[0]?.changes).toEqual([
    { title: "push told-late", startAtMs: expect.any(Number), link: null },
    { title: "push near", startAtMs: expect.any(Number), link: "https://ci.example/4182" },
  ]);
});

test("a change that took hours is attached while it goes on and for an hour after its end, and not before it began", () => {
  const s = new Stepper();
  const change = (title: string, fromMinutes: number, toMinutes: number) => ({
    id: title,
    title,
    startAtMs: s.nowMs + fromMinutes * 60_000,
    endAtMs: s.nowMs + toMinutes * 60_000,
  });
  const changes = [
    change("over for long", -300, -61),
    change("a move", -263, -3),
    change("going on", -200, 90),
    change("to come", 5, 90),
    change("ends before it begins", -10, -400),
  ];
  s.after(0, [said("db")], { changes });
  const attached = incidentViews(s.state.open, [])[0]?.changes.map(({ title }) => title);
  expect(attached).toEqual(["a move", "going on", "ends before it begins"]);
});

test("everything is bounded: a flood of tickets can neither grow without end nor hide a page", () => {
  const s = new Stepper();
  const many = Array.from({ length: 900 }, (_, at) => said(`r${at}`, ticket));
  expect(s.after(0, many)).toEqual(["ticket trigger 1"]);
  expect(s.state.open?.alerts).toHaveLength(200);
  expect(s.state.open?.droppedAlerts).toBe(700);
  expect(s.after(1, [...many, said("page-me")])).toEqual(["page trigger 1"]);
  const pending = Array.from({ length: 900 }, (_, at) => said(`p${at}`, { forSeconds: 60 }));
  s.after(1, pending);
  expect(Object.keys(s.state.pending)).toHaveLength(500);
  expect(s.state.dropped).toBe(400);
});

test("resolved incidents are kept for a day", () => {
  const s = new Stepper({ resolveAfterSeconds: 1 });
  for (let turn = 0; turn < 300; turn++) {
    s.after(1, [said("late-mail")]);
    s.after(1, []);
    s.after(1, []);
  }
  expect(s.state.resolved).toHaveLength(200);
  s.after(86_401, []);
  expect(s.state.resolved).toHaveLength(0);
});
