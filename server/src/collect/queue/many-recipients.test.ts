import { expect, test } from "vitest";
import { compileHops } from "../../core/model/hops.ts";
import { listingFormats } from "../listings.ts";
import type { ListedEntry } from "./listing.ts";
import { readPieces } from "./run.ts";
import { SnapshotBuilder } from "./snapshot.ts";

const many = 40_000;
const nowMs = Date.parse("2026-11-23T12:00:00Z");
const each = <Line>(line: (at: number) => Line): Line[] => Array.from({ length: many }, (_, at) => line(at));

const json = (recipients: readonly string[]): string =>
  `{"queue_name": "deferred", "queue_id": "A1B2C3D4E5", "arrival_time": 1795430000, "message_size": 321, "forced_expire": false, "sender": "a@b.example", "recipients": [${recipients.join(", ")}]}\n`;
const recipient = (at: number): string =>
  `{"address": "r${at}@d${at % 300}.example", "delay_reason": "said {\\"address\\": 1}, \\\\"}`;

/** A message to 40,000, as each program prints it. */
const printed: Readonly<Record<string, string>> = {
  "postqueue -j": json(each(recipient)),
  "postqueue -p": `-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------\nA1B2C3D4E5      321 Mon Nov 23 11:00:00  a@b.example\n(timed out)\n${each((at) => `                                         r${at}@d${at % 300}.example\n`).join("")}\n`,
  "exim -bp": ` 2h   321 1vM2Ab-000000001Ab-0Abc <a@b.example>\n${each((at) => `          r${at}@d${at % 300}.example\n`).join("")}\n`,
  "sendmail -bp": `\t\t/var/spool/mqueue (1 request)\n-----Q-ID----- --Size-- -----Q-Time----- ------------Sender/Recipient-----------\n5ANBw1xH012345      321 Mon Nov 23 11:00 <a@b.example>\n${each((at) => `\t\t\t\t\t <r${at}@d${at % 300}.example>\n`).join("")}\t\tTotal requests: 1\n`,
  smtpctl: each(
    (at) =>
      `01234567${at.toString(16).padStart(8, "0")}|inet4|mta||a@b.example|r@d.example|r${at}@d${at % 300}.example|1795430000|1795860000|1795431000|3|pending|100|timed out\n`,
  ).join(""),
  "haraka --qlist": `Q: 1795430000000_1795430000000_1_123_abc_1_host rcpt:${many} from:<a@b.example> domain:d1.example\n`,
};

test.each(Object.entries(printed))(
  "of a message to 40,000 %s has 1,000 named, and counts the others",
  async (name, text) => {
    const format = listingFormats.find((one) => one.name === name);
    if (format === undefined) throw new Error(name);
    expect(format.detects(text)).toBe(true);
    const entries: ListedEntry[] = [];
    const reader = format.read({ nowMs, zone: "UTC" }, (entry) => entries.push(entry));
    await readPieces(inChunks(text), reader);
    reader.end();
    expect(reader.garbled).toBe(0);
    expect(entries).toHaveLength(1);
    const snapshot = new SnapshotBuilder({ mta: format.mta, atMs: nowMs, hops: compileHops() });
    for (const entry of entries) {
      expect(entry).toMatchObject({ sender: "a@b.example", moreRecipients: many - 1_000 });
      expect(entry.recipients).toHaveLength(1_000);
      if (name !== "haraka --qlist") expect(entry.recipients[999]?.address).toBe("r999@d99.example");
      snapshot.add(entry);
    }
    expect(snapshot.finish().recipients).toBe(many);
  },
);

test("of a line of postqueue -j that was cut, what was whole is told", async () => {
  const format = listingFormats.find(({ name }) => name === "postqueue -j");
  const entries: ListedEntry[] = [];
  const reader = format?.read({ nowMs, zone: "UTC" }, (entry) => entries.push(entry));
  if (reader === undefined) throw new Error("no such format");
  const long = "x".repeat(60_000);
  for (const count of [0, 1, 7, 1_000, 1_001, 1_500]) {
    const line = json(Array.from({ length: count }, (_, at) => recipient(at))).slice(0, -3);
    const longReason = `{"address": "last@d.example", "delay_reason": "${long}${long}`;
    reader.piece(`${line}${count === 0 ? "" : ", "}${longReason}`);
    const entry = entries.pop();
    expect(entry?.recipients).toHaveLength(Math.min(count, 1_000));
    expect(entry?.moreRecipients ?? 0).toBe(Math.max(0, count + 1 - 1_000) * (count >= 1_000 ? 1 : 0));
  }
  expect(entries).toEqual([]);
});

test("smtpctl's messages are handed over as they come, so that their number takes no memory", () => {
  const format = listingFormats.find(({ name }) => name === "smtpctl");
  const ids: string[] = [];
  const reader = format?.read({ nowMs, zone: "UTC" }, ({ queueId }) => ids.push(queueId));
  for (let message = 0; message < 5_000; message++) {
    for (let envelope = 0; envelope < 3; envelope++) reader?.piece(envelopeLine(message, envelope));
    expect(message - ids.length).toBeLessThan(16);
  }
  reader?.end();
  expect(ids).toEqual(Array.from({ length: 5_000 }, (_, message) => message.toString(16).padStart(8, "0")));
});

const envelopeLine = (message: number, envelope: number): string =>
  `${message.toString(16).padStart(8, "0")}${envelope.toString(16).padStart(8, "0")}|inet4|mta||a@b|c@d|c@d|1795430000|1795860000|0|0|pending|0|`;

async function* inChunks(text: string): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let from = 0; from < bytes.length; from += 65_536) yield bytes.subarray(from, from + 65_536);
}
