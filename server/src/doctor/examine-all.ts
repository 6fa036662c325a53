import { withCure } from "./cures.ts";
import { examinations } from "./examine/index.ts";
import { basename } from "node:path";
import { distinct } from "./distinct.ts";
import { type Finding, inTheFile } from "./finding.ts";
import type { Patient } from "./patient.ts";
import { type OnProgress, tryAll } from "./try-all.ts";

/** Tries everything, then looks at the host: what works, what fails, and what would make Mailtide see more. */
export async function examineAll(patient: Patient, onProgress: OnProgress): Promise<Finding[]> {
  const names = Object.entries(examinations);
  const tried = await tryAll(patient.config, (share, what) => onProgress(share / 2, what));
  const found: Finding[] = tried.filter(({ says }) => !toldBetter.test(says)).map((finding) => withCure(finding));
  for (const [at, [name, examine]] of names.entries()) {
    onProgress(0.5 + at / names.length / 2, name);
    try {
      found.push(...(await examine(patient)));
    } catch (error) {
      // A host can be stranger than we thought; the other looks are still worth having.
      const says = `could not be looked at: ${error instanceof Error ? error.message : String(error)}`;
      found.push({ verdict: "note", what: name, says });
    }
  }
  // What failed when it was tried need not fail once more in the running server's words.
  const failed = new Set(tried.filter(({ verdict }) => verdict === "FAILS").map(({ what }) => `${ofServer}${what}`));
  const file = patient.configPath === null ? null : basename(patient.configPath);
  return distinct(found.filter(({ what }) => !failed.has(what))).map((finding) =>
    file === null ? finding : inTheFile(finding, file),
  );
}

const ofServer = "running server, ";
/** The look at the dependencies says it with the role that is needed. */
const toldBetter = /no privileged connection is configured/;
