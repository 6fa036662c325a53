import { arrivalOfLongId } from "../../../../core/model/long-queue-id.ts";
import type { ListedEntry, ListingReader } from "../../../queue/listing.ts";
import { runListing } from "../../../queue/run.ts";
import type { QueueWay } from "../../../queue/way.ts";
import { WayClosed } from "./closed.ts";

/**
 * The queue by its files' names, sizes and times: no file is opened. find(1) walks in a process of its own, so that a disk
 * that hangs holds that and not us; it follows no symbolic link, and a file that goes meanwhile is no error. The folders
 * come in the order in which mail moves, so that a message on its way is rather seen twice than missed.
 */
export function scanWay(queueDirectory: string): QueueWay {
  return {
    name: "scan",
    mta: "postfix",
    tellsReasons: false,
    tellsAddresses: false,
    async list(_context, signal, take) {
      const reader = fileReader(take);
      await runListing(["find", ...walk], signal, reader, { cwd: queueDirectory, explain });
      return reader.garbled;
    },
  };
}

const folders = ["maildrop", "incoming", "active", "deferred", "hold", "corrupt"];
// What comes last may hold anything but NUL.
const printed = String.raw`%H %m %s %T@ %C@ %f\0`;
const walk = ["-P", ...folders, "-ignore_readdir_race", "-mindepth", "1", "-type", "f", "-printf", printed];

/**
 * Reads `folder mode size modified changed name`. Postfix writes a file of mode 600 and makes it 700 when it is whole;
 * it keeps a deferred message's next try as the time of modification, in the future (qmgr(8)).
 */
function fileReader(take: (entry: ListedEntry) => void): ListingReader {
  let garbled = 0;
  return {
    endsWith: "nul",
    piece(text) {
      const parts = record.exec(text);
      if (parts === null) {
        garbled += 1;
        return;
      }
      const [, queue = "", mode = "", size = "", modified = "", changed = "", queueId = ""] = parts;
      // Anything may lie in a folder; only what is named as Postfix names its files is mail.
      if (!queueIdPattern.test(queueId) || (mode.at(-3) !== "7" && queue !== "corrupt")) return;
      const modifiedMs = Math.floor(Number(modified) * 1000);
      const arrivedByMs = Math.floor(Number(changed) * 1000);
      // What was dropped has its arrival as showq(8) tells it: by modification.
      const arrivalMs = queue === "maildrop" ? modifiedMs : arrivalOfLongId(queueId);
      const due = queue === "deferred" ? { dueMs: modifiedMs } : {};
      take({ queueId, queue, arrivalMs, arrivedByMs, ...due, sizeBytes: Number(size), sender: "", recipients: [] });
    },
    end: () => undefined,
    get garbled() {
      return garbled;
    },
  };
}

const record = /^([a-z]+) (\d{1,5}) (\d{1,15}) (-?\d{1,12}(?:\.\d+)?) (-?\d{1,12}(?:\.\d+)?) ([^]*)$/;
const queueIdPattern = /^(?:[0-9A-F]{6,20}|[0-9BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz]{10,11}z[0-9B-Zb-z]{1,16})$/;

/** What find(1) could not do, counted; a folder that is not there holds no mail. */
function explain(complaint: string): Error | null {
  const lines = complaint.split("\n");
  const denied = lines.flatMap((line) => /'([^']*)': Permission denied/.exec(line)?.[1] ?? []);
  const [first] = denied;
  if (first !== undefined) {
    const count = denied.length === 1 ? `the folder ${first}` : `${denied.length} folders (${first} and more)`;
    return new WayClosed(`a scan may not read ${count} of the queue: that needs root or the user postfix`);
  }
  if (lines.every((line) => line.endsWith("No such file or directory")) && lines.length < folders.length) return null;
  if (/-printf|-ignore_readdir_race/.test(complaint)) return new WayClosed("a scan needs GNU find (findutils)");
  return new Error(`find: ${lines.at(-1) ?? ""}`);
}
