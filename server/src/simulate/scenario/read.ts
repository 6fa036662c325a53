import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { ConfigError } from "../../config/error.ts";
import { meant } from "../../config/complaints.ts";
import { unreadable } from "../../config/unreadable.ts";
import { parseYaml, type YamlDocument } from "../../config/yaml.ts";
import { findProblems } from "./check.ts";
import { type Scenario, scenarioSchema } from "./schema.ts";

/** Reads `scenarios/ID.yaml`. Throws ConfigError: one sentence a problem, with file, line, key and the nearest valid name. */
export async function readScenario(path: string): Promise<Scenario> {
  const text = await readFile(path, "utf8").catch((error: Error) => {
    throw new ConfigError([`${path}: ${unreadable(error)}`]);
  });
  const scenario = parseScenario(text, path);
  const called = basename(path).replace(/\.ya?ml$/, "");
  if (called === scenario.id) return scenario;
  throw new ConfigError([`${path}: id: "${scenario.id}" is not the file's name, "${called}"`]);
}

/** `name` stands in the messages. */
export function parseScenario(text: string, name: string): Scenario {
  const document: YamlDocument<Scenario> = parseYaml(text, name, scenarioSchema);
  const problems = findProblems(document.value).map(({ path, message, word, valid }) =>
    document.problem(path, word === undefined ? message : `${message}${meant(word, valid)}`),
  );
  if (problems.length > 0) throw new ConfigError(problems);
  return document.value;
}
