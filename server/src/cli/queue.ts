import { nodeId } from "@mailtide/shared";
import { listingFormats, tables } from "../collect/listings.ts";
import type { ListingFormat, ListingReader } from "../collect/queue/listing.ts";
import { SnapshotBuilder } from "../collect/queue/snapshot.ts";
import { queueDocument } from "../collect/queue/document.ts";
import { beginningWith, readPieces } from "../collect/queue/run.ts";
import { compileHops } from "../core/model/hops.ts";
import { pipedInput } from "./piped-input.ts";
import { unknown } from "./unknown.ts";

export interface QueueOptions {
  readonly mta: string;
  readonly format?: string;
  readonly now?: string;
  readonly tz: string;
  readonly node?: string;
}

/** A listing on standard input, one queue snapshot on standard output. */
export async function queue(options: QueueOptions): Promise<number> {
  const nowMs = options.now === undefined ? Date.now() : Date.parse(options.now);
  if (Number.isNaN(nowMs)) return wrong(`--now ${options.now}: an instant like 2026-11-23T12:00:00Z`);
  const mtas = [...new Set(listingFormats.map(({ mta }) => mta))];
  const ofMta = listingFormats.filter(({ mta }) => mta === options.mta);
  if (ofMta.length === 0) return wrong(unknown(`--mta ${options.mta} lists no queue that is known`, mtas, options.mta));
  const names = ofMta.map(({ name }) => name);
  const stated = ofMta.find(({ name }) => name === options.format);
  if (options.format !== undefined && stated === undefined)
    return wrong(unknown(`--format ${options.format} is no listing of ${options.mta}`, names, options.format));

  const snapshot = new SnapshotBuilder({
    mta: options.mta,
    atMs: nowMs,
    hops: compileHops(),
    tellsReasons: options.mta !== "exim",
  });
  let messages = 0;
  const open = (format: ListingFormat) =>
    format.read({ nowMs, zone: options.tz }, (entry) => {
      messages += 1;
      snapshot.add(entry);
    });
  const garbled = await readListing((head) => {
    const table = tables.find((one) => one.mta === options.mta && one.detects(head));
    if (table !== undefined)
      throw new Error(
        `this is a table by ${table.name}, which counts a message once for each of its domains: give it what ${table.madeOf} prints`,
      );
    return open(stated ?? ofMta.find((one) => one.detects(head)) ?? firstOf(ofMta));
  });
  if (garbled > 0) {
    const hint = messages === 0 ? ": is it another MTA's (--mta), or printed another way (--format)?" : "";
    console.error(
      `mailtide: ${garbled} ${garbled === 1 ? "line was" : "lines were"} nothing that such a listing holds${hint}`,
    );
  }
  if (garbled > 0 && messages === 0) return 1;
  const node = options.node === undefined ? undefined : nodeId(options.node);
  process.stdout.write(`${JSON.stringify(queueDocument(snapshot.finish(), node))}\n`);
  return 0;
}

function firstOf(formats: readonly ListingFormat[]): ListingFormat {
  const [first] = formats;
  if (first === undefined) throw new Error("there is no format");
  return first;
}

function wrong(problem: string): number {
  console.error(`mailtide: ${problem}`);
  return 2;
}

/** An editor may have put it in front of what it saved. */
const byteOrderMark = Buffer.from("\uFEFF");

/** Feeds standard input to the reader that its beginning asks for. Returns what was garbled. */
async function readListing(open: (head: string) => ListingReader): Promise<number> {
  const chunks = (pipedInput("queue", "a queue listing") as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  const first = await chunks.next();
  const given = first.done === true ? Buffer.alloc(0) : first.value;
  const head = given.subarray(0, 3).equals(byteOrderMark) ? given.subarray(3) : given;
  const reader = open(head.subarray(0, 4096).toString("utf8"));
  await readPieces(beginningWith(head, chunks), reader);
  reader.end();
  return reader.garbled;
}
