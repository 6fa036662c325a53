import type { Cause } from "@mailtide/shared";
import { expect, test } from "vitest";
import { said, Stepper } from "../../../test/alerting.ts";
import { plain } from "../text/plain.ts";
import { sentence } from "../text/sentence.ts";
import { incidentTitle } from "./title.ts";

const reader = { timezone: "UTC", locale: "en-GB" };

/** The title of an incident whose alerts fired one after the other: rule, cause, seconds since the one before. */
function titleOf(...alerts: readonly (readonly [rule: string, cause: Cause, seconds: number])[]): string {
  const s = new Stepper();
  alerts.forEach(([, , seconds], at) => {
    s.after(
      seconds,
      alerts.slice(0, at + 1).map(([rule, cause]) => said(rule, { cause, title: sentence("delay.late") })),
    );
  });
  return s.state.open === null ? "" : plain(incidentTitle(s.state.open), reader);
}

test("an open incident is titled after what is still wrong, one that is over or about to be after all that was", () => {
  const s = new Stepper();
  const titleNow = (): string => {
    const incident = s.state.open ?? s.state.resolved.at(-1);
    return incident === undefined ? "" : plain(incidentTitle(incident), reader);
  };
  const flood = said("attack-sources", { cause: "spoof-flood" });
  const lock = said("schema-lock", { cause: "schema-lock", title: sentence("incident.one", { cause: "schema-lock" }) });
  s.after(0, [flood]);
  s.after(2_640, [flood, lock]);
  expect(titleNow()).toBe("Spoofing flood, then a locked database");
  s.after(1, [lock]);
  expect(titleNow()).toBe("Locked database");
  s.after(1, [flood, lock]);
  expect(titleNow()).toBe("Spoofing flood, then a locked database");
  s.after(1, []);
  expect(titleNow()).toBe("Spoofing flood, then a locked database");
  s.after(600, []);
  expect(s.state.open).toBeNull();
  expect(titleNow()).toBe("Spoofing flood, then a locked database");
});

test.each([
  [[["late-mail", "capacity", 0]], "Mail is late"],
  [
    [
      ["attack-sources", "spoof-flood", 0],
      ["schema-lock", "schema-lock", 2640],
    ],
    "Spoofing flood, then a locked database",
  ],
  [
    [
      ["schema-lock", "schema-lock", 0],
      ["database-saturated", "database-saturated", 5],
    ],
    "Locked database and a saturated database",
  ],
  [
    [
      ["late-mail", "capacity", 0],
      ["attack-sources", "inbound-flood", 90],
      ["collector-stale", "collector-stale", 90],
    ],
    "Flood from new sources, then missing data",
  ],
  [
    [
      ["late-mail", "capacity", 0],
      ["expected-wait", "capacity", 60],
    ],
    "Mail is late",
  ],
] as const)("%j is titled %s", (alerts, title) => {
  expect(titleOf(...alerts)).toBe(title);
});
