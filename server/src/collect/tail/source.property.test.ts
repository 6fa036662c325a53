import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type FilePosition, parsePosition } from "./position.ts";
import { LineSource } from "./source.ts";

/**
 * A writer, a rotator and a follower that may die at any point. A line counts as seen when the batch it came in was
 * committed together with its position; an uncommitted batch is forgotten with the process.
 */
class World {
  readonly #folder = mkdtempSync(join(tmpdir(), "mailtide-tail-"));
  readonly #path = join(this.#folder, "mail.log");
  readonly #chunkBytes: number;
  #source: LineSource;
  #committed: FilePosition | undefined;
  #next = 0;
  #unfinished = "";
  readonly written: string[] = [];
  readonly seen: string[] = [];
  losses = 0;

  constructor(chunkBytes: number) {
    this.#chunkBytes = chunkBytes;
    writeFileSync(this.#path, "");
    this.#source = this.#open();
  }

  #open(): LineSource {
    const position =
      this.#committed === undefined ? undefined : parsePosition(JSON.parse(JSON.stringify(this.#committed)));
    return new LineSource({ path: this.#path, from: "start", position, chunkBytes: this.#chunkBytes });
  }

  append(count: number): void {
    for (let index = 0; index < count; index++) {
      const line = `${this.#name()} ${"x".repeat((++this.#next * 7) % 40)}`;
      appendFileSync(this.#path, `${line.slice(this.#unfinished.length)}\n`);
      this.written.push(line);
      this.#unfinished = "";
    }
  }

  appendPart(): void {
    if (this.#unfinished !== "") return;
    this.#unfinished = this.#name();
    appendFileSync(this.#path, this.#unfinished);
  }

  /** None begins another: by its first piece alone a file that was emptied and filled again is known. */
  #name(): string {
    return `line ${String(this.#next).padStart(4, "0")}`;
  }

  rename(): void {
    this.#shift();
    renameSync(this.#path, `${this.#path}.1`);
    writeFileSync(this.#path, "");
    this.#breakLine();
  }

  copyTruncate(): void {
    this.#shift();
    copyFileSync(this.#path, `${this.#path}.1`);
    truncateSync(this.#path);
    this.#breakLine();
  }

  /** Without a copy: what was not read yet is destroyed. */
  truncate(): void {
    truncateSync(this.#path);
    this.#breakLine();
  }

  #shift(): void {
    for (let number = 30; number > 0; number--) {
      if (existsSync(`${this.#path}.${number}`)) renameSync(`${this.#path}.${number}`, `${this.#path}.${number + 1}`);
    }
  }

  /** A line that rotation cut in two comes as its first part; the writer then starts anew. */
  #breakLine(): void {
    if (this.#unfinished === "") return;
    this.written.push(this.#unfinished);
    this.#unfinished = "";
    this.#next += 1;
  }

  /** Returns whether there may be more. */
  async read(commit: boolean): Promise<boolean> {
    const { lines, position, loss, atEnd } = await this.#source.read();
    if (!commit) {
      await this.restart();
      return true;
    }
    if (loss !== null) this.losses += loss.lines;
    for (const { bytes } of lines) this.seen.push(bytes.toString());
    this.#committed = position;
    return !atEnd;
  }

  async restart(): Promise<void> {
    await this.#source.close();
    this.#source = this.#open();
  }

  async end(): Promise<void> {
    this.append(1);
    while (await this.read(true));
    await this.#source.close();
    rmSync(this.#folder, { recursive: true });
  }
}

const harmless = [
  { weight: 4, arbitrary: fc.record({ do: fc.constant("append" as const), count: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 2, arbitrary: fc.constant({ do: "part" as const }) },
  { weight: 4, arbitrary: fc.constant({ do: "read" as const }) },
  { weight: 1, arbitrary: fc.constant({ do: "readAndDie" as const }) },
  { weight: 1, arbitrary: fc.constant({ do: "restart" as const }) },
  { weight: 1, arbitrary: fc.constant({ do: "rename" as const }) },
  { weight: 1, arbitrary: fc.constant({ do: "copyTruncate" as const }) },
] as const;
const truncation = { weight: 1, arbitrary: fc.constant({ do: "truncate" as const }) };
const chunkSizes = fc.constantFrom(16, 100, 4_096);

type Step =
  | { readonly do: "append"; readonly count: number }
  | { readonly do: "part" | "read" | "readAndDie" | "restart" | "rename" | "copyTruncate" | "truncate" };

async function play(steps: readonly Step[], chunkBytes: number): Promise<World> {
  const world = new World(chunkBytes);
  // What is rotated away before the first look of all belongs to nobody.
  world.append(1);
  while (await world.read(true));
  for (const next of steps) {
    if (next.do === "append") world.append(next.count);
    else if (next.do === "part") world.appendPart();
    else if (next.do === "read") await world.read(true);
    else if (next.do === "readAndDie") await world.read(false);
    else if (next.do === "restart") await world.restart();
    else if (next.do === "rename") world.rename();
    else if (next.do === "truncate") world.truncate();
    else world.copyTruncate();
  }
  await world.end();
  return world;
}

const runs = { numRuns: 400 };

const patience = { timeout: 180_000 };

test("every line comes exactly once, whatever is rotated and whenever the follower dies", patience, async () => {
  const stories = fc.array(fc.oneof(...harmless), { maxLength: 30 });
  const holds = fc.asyncProperty(stories, chunkSizes, async (steps, chunkBytes) => {
    const { written, seen, losses } = await play(steps, chunkBytes);
    expect(seen).toEqual(written);
    expect(losses).toBe(0);
  });
  await fc.assert(holds, runs);
});

test("a log emptied without a copy loses lines, but none comes twice or out of order", patience, async () => {
  const stories = fc.array(fc.oneof(...harmless, truncation), { maxLength: 30 });
  const holds = fc.asyncProperty(stories, chunkSizes, async (steps, chunkBytes) => {
    const { written, seen } = await play(steps, chunkBytes);
    const kept = new Set(seen);
    expect(seen).toEqual(written.filter((line) => kept.has(line)));
  });
  await fc.assert(holds, runs);
});
