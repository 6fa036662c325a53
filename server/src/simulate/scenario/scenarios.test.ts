import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { findProblems } from "./check.ts";
import { readScenario } from "./read.ts";
import { scenarioSchema } from "./schema.ts";
import { vary } from "./vary.ts";

const folder = fileURLToPath(new URL("../../../../scenarios/", import.meta.url));
const files = readdirSync(folder).filter((name) => name.endsWith(".yaml"));

/** The real days, the days on which nobody may be woken, and the normal ones. */
const wanted = [
  "mailchannels-2020-09-15",
  "mxtoolbox-2010-08-06",
  "negative-certificate",
  "negative-dnsbl-timeout",
  "negative-list-loop",
  "negative-postscreen-flood",
  "negative-return-wave",
  "negative-throttling-provider",
  "normal-large",
  "normal-medium",
  "normal-small",
  "postmark-early",
  "synaq-2016-05-11",
  "synaq-2016-11-02",
  "synaq-2019-03-13",
  "synaq-2020-05-25",
  "tmu-2014-11-04",
  "utaustin-2013-11-18",
];

test("every day has its scenario", () => {
  expect(files.map((name) => name.replace(".yaml", "")).sort()).toEqual(wanted);
});

test.each(files)("%s is valid, as it is written and varied", async (name) => {
  const scenario = await readScenario(folder + name);
  expect(readFileSync(folder + name, "utf8")).toMatch(/^# /);
  for (const shiftMinutes of [-20, 0, 20]) {
    for (const scale of [0.7, 1, 1.3]) {
      for (const other of [{}, { renameProbes: true, withoutChanges: true }]) {
        const varied = vary(scenario, { shiftMinutes, scale, ...other });
        expect(scenarioSchema.parse(varied)).toEqual(varied);
        expect(findProblems(varied)).toEqual([]);
      }
    }
  }
});
