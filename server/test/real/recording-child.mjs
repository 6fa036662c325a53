// As it is built, as state-child.mjs.
import { encodeTick } from "../../dist/flow/journal.js";
import { openStateStore } from "../../dist/store/embedded/state/open.js";

/** A program that commits turns and makes checkpoints, keeping a recording, until it is killed; a line for each turn. */
const [folder = ""] = process.argv.slice(2);
const store = await openStateStore({ folder, recording: { keepSeconds: 86_400, maxBytes: 1 << 30 } });
const recovery = await store.recover();
let seq = recovery.checkpoint?.journalSeq ?? 0;
for await (const row of recovery.journal()) seq = row.journalSeq;

process.stdout.write("ready\n");
let checkpoint = Promise.resolve();
for (;;) {
  seq++;
  const journal = encodeTick({ nowMs: seq * 1000, observations: [], commands: [], pagesSent: [] });
  await store.commit({
    journalSeq: seq,
    nowMs: seq * 1000,
    journal,
    positions: new Map(),
    points: [],
    notifications: [],
  });
  process.stdout.write(`${seq}\n`);
  const made = {
    journalSeq: seq,
    nowMs: seq * 1000,
    parts: new Map([["x", { format: 1, text: "x".repeat(100_000) }]]),
  };
  // Turns go on meanwhile, as in the server.
  if (seq % 7 === 0) checkpoint = checkpoint.then(() => store.saveCheckpoint(made));
}
