import { stat } from "node:fs/promises";
import { command, type Finding, inConfig, ok, shellWord } from "../finding.ts";
import type { Patient } from "../patient.ts";
import { mebibytes, mendFolder, type Room, roomAt } from "../room.ts";

/** Where a server keeps what it must not forget: writable, with room, and nobody else's to read. */
export async function stateFolder({ config, stateFolder: path }: Patient): Promise<Finding[]> {
  if (config.agent !== undefined) return [];
  const { capture, index, store } = config;
  // The journal, its checkpoints and the embedded series come on top.
  const most = (capture.keep > 0 ? capture.max : 0) + (index.keep > 0 ? index.max : 0) + store.spool + (512 << 20);
  const mode = await stat(path).then(
    (found) => found.mode & 0o777,
    () => null,
  );
  return judgeState(await roomAt(path, most), mode);
}

/** `mode`: its permission bits; null: it is not there yet. */
export function judgeState(room: Room, mode: number | null): Finding[] {
  const { path, maxBytes, freeBytes, problem } = room;
  const what = `state ${path}`;
  const word = shellWord(path);
  if (problem !== null) {
    const mend = mendFolder(room, "server.state");
    return [{ verdict: "FAILS", what, says: problem, why: "Without it the server does not start.", mend }];
  }
  const findings: Finding[] = [];
  if (freeBytes !== null && freeBytes < maxBytes) {
    findings.push({
      verdict: freeBytes < 256 << 20 ? "FAILS" : "missing",
      what,
      says: `${mebibytes(freeBytes)} are free there; recordings, message index and spool may grow to ${mebibytes(maxBytes)}`,
      why: "On a full disk nothing is committed, and what is not committed is neither shown nor paged.",
      mend: inConfig(
        "server: { state: /A/LARGER/DISK/mailtide } # or smaller bounds:",
        "capture: { max: 256MiB }",
        "index: { max: 256MiB }",
      ),
    });
  }
  if (mode !== null && (mode & 0o077) !== 0) {
    findings.push({
      verdict: "note",
      what,
      says: `others of this host may look into it (mode ${mode.toString(8)})`,
      why: "It holds who wrote to whom for the last days.",
      mend: command(`chmod 700 ${word}`),
    });
  }
  return findings.length === 0 ? [ok(what, `writable, ${mebibytes(freeBytes ?? 0)} free`)] : findings;
}
