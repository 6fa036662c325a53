import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { simulate, simulatorVersion } from "../../server/src/simulate/index.ts";
import { readScenario } from "../../server/src/simulate/scenario/read.ts";

/** A folder with a day at 20 messages/s, about 8 million lines: made once and kept among the temporary files. */
export async function simulatedDay(): Promise<string> {
  const out = join(tmpdir(), `mailtide-bench-replay-${simulatorVersion}`);
  if (existsSync(out)) return out;
  const begun = `${out}.begun`;
  for (const path of [begun, `${begun}.truth.jsonl`]) await rm(path, { recursive: true, force: true });
  console.log("simulating a day, once");
  const path = fileURLToPath(new URL("../../scenarios/utaustin-2013-11-18.yaml", import.meta.url));
  await simulate({ scenario: await readScenario(path), seed: 1, out: begun });
  await rename(begun, out);
  return out;
}
