// As it is built: a start in the sources takes ten times as long, and it is killed again and again.
import { openStateStore } from "../../dist/store/embedded/state/open.js";

/**
 * A program that commits turns until it is killed; every acknowledged turn is a line on stdout. Each turn has a position, two
 * points and a notification that all bear its number. `argv`: folder, the point to die at ("" for none).
 */
const [folder = "", diesAt = ""] = process.argv.slice(2);
const store = await openStateStore({
  folder,
  ...(diesAt !== "" && { point: (name) => void (name === diesAt && process.kill(process.pid, "SIGKILL")) }),
});

const recovery = await store.recover();
let seq = recovery.checkpoint?.journalSeq ?? 0;
for await (const row of recovery.journal()) seq = row.journalSeq;

process.stdout.write("ready\n");
for (;;) {
  seq++;
  await store.commit({
    journalSeq: seq,
    nowMs: seq,
    journal: Buffer.alloc(20_000, seq % 251),
    positions: new Map([["source", String(seq)]]),
    points: [
      {
        tier: "10s",
        points: [{ measurement: "mail_sources", tags: { site: "s" }, atMs: seq, fields: { distinct: seq } }],
      },
    ],
    notifications: [{ notifier: "n", dedupKey: `k${seq}`, effect: { seq } }],
  });
  process.stdout.write(`${seq}\n`);
  if (seq % 10 === 0) {
    const parts = new Map([["numbers", { format: 1, text: String(seq).padStart(700_000, ".") }]]);
    await store.saveCheckpoint({ journalSeq: seq, nowMs: seq, parts });
  }
}
