import { expect, test } from "vitest";
import { alert, incident, say } from "../../lab/frames/build.ts";
import { createFormats } from "../../ui/format.ts";
import { storyOf } from "../../ui/story.ts";
import { chosenIncident, handlingWords, sinceWords, stepsOf } from "./select.ts";

const formats = createFormats("en-GB", "UTC");
const outbox = { waiting: 0, oldestSeconds: null, failing: null };
const at = (time: string) => Date.parse(`2016-05-11T${time}:00Z`);
const nowMs = at("15:03");

test("a person sees the page that nobody took; a link wins", () => {
  const taken = incident("taken", say("a"), 3, [], { state: "acknowledged" });
  const fresh = incident("fresh", say("b"), 2, []);
  const ticket = incident("ticket", say("c"), 4, [], { severity: "ticket" });
  const section = { incidents: [ticket, taken, fresh], outbox };
  expect(chosenIncident(section, null)?.id).toBe("fresh");
  expect(chosenIncident(section, "ticket")?.id).toBe("ticket");
  expect(chosenIncident({ incidents: [ticket, taken], outbox }, "gone")?.id).toBe("taken");
  expect(chosenIncident({ incidents: [], outbox }, null)).toBeNull();
});

test("since when, and who took it", () => {
  const one = incident("i", say("x"), at("11:40"), [], { pageSentAtMs: at("11:42") });
  expect(sinceWords(one, formats, nowMs)).toBe("since 11:40, 3\u00a0h\u00a023\u00a0min");
  expect(handlingWords(one, formats, nowMs)).toEqual(["page sent 11:42", "not acknowledged"]);
  expect(handlingWords({ ...one, acknowledgedAtMs: at("12:31"), acknowledgedBy: "thandi" }, formats, nowMs)[1]).toBe(
    "acknowledged 12:31 by thandi",
  );
  expect(sinceWords({ ...one, state: "resolved", resolvedAtMs: at("12:00") }, formats, nowMs)).toBe(
    "11:40 to 12:00, 20\u00a0min",
  );
});

test("steps come from what still holds, each once", () => {
  const action = { label: say("Flush"), command: "mailtide flush" };
  const steps = stepsOf(
    incident("i", say("x"), 0, [
      alert("a", "capacity", say("a"), 0, [], { actions: [action] }),
      alert("b", "capacity", say("b"), 0, [], { actions: [action, { label: say("Look"), command: null }] }),
      alert("c", "schema-lock", say("c"), 0, [], {
        state: "resolved",
        actions: [{ label: say("Cancel"), command: "x" }],
      }),
    ]),
  );
  expect(steps.map(({ command }) => command)).toEqual(["mailtide flush", null]);
});

test("the story is in order, and with little room keeps the first and what still holds", () => {
  const told = incident(
    "i",
    say("x"),
    0,
    [
      alert("late", "capacity", say("late"), 40, []),
      alert("first", "spoof-flood", say("first"), 10, [], { state: "resolved" }),
      alert("over", "schema-lock", say("over"), 30, [], { state: "resolved" }),
      alert("maybe", "capacity", say("maybe"), 50, [], { state: "pending" }),
    ],
    { changes: [{ title: "push", startAtMs: 20, link: null }] },
  );
  expect(storyOf(told, 9).chapters.map(({ atMs }) => atMs)).toEqual([10, 20, 30, 40]);
  expect(storyOf(told, 2)).toMatchObject({ omitted: 2, chapters: [{ atMs: 10 }, { atMs: 40 }] });
});
