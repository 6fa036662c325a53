import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { fileURLToPath } from "node:url";
import { nodeId, siteId } from "@mailtide/shared";
import { afterAll, beforeAll, expect, test } from "vitest";
import { collectingInto } from "../../../../test/collecting.ts";
import { until } from "../../../../test/real/process.ts";
import { growSegment, pack } from "../../../../test/real/zstd.ts";
import { backoffOf } from "../../../core/backoff.ts";
import { DelayModel } from "../../../core/model/delay-model.ts";
import { standardInput } from "../../lines/standard-input.ts";
import { kumomtaLog } from "./index.ts";

const node = nodeId("mx");
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mailtide-kumomta-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What KumoMTA writes of a message that is accepted and delivered at once. */
function records(from: number, to: number): string {
  const seconds = Math.floor(Date.now() / 1_000);
  let text = "";
  for (let at = from; at < to; at++) {
    const id = at.toString(16).padStart(32, "0");
    const rest = `"id":"${id}","sender":"s@far.test","recipient":"r${at}@own.test","size":900,"timestamp":${seconds},"created":${seconds}`;
    text += `{"type":"Reception",${rest},"response":{"code":250,"enhanced_code":null,"content":"","command":null}}\n`;
    text += `{"type":"Delivery",${rest},"response":{"code":250,"enhanced_code":null,"content":"OK","command":null}}\n`;
  }
  return text;
}

test("mail is followed through segments that grow, and a problem with one is said", async () => {
  const model = new DelayModel({
    site: { id: siteId("main"), targetSeconds: 300 },
    nodes: [{ id: node, ownDomains: [], backoff: backoffOf("kumomta"), endsWithRecipients: true }],
  });
  const totals = () => model.evaluate(Date.now()).facts.totals;
  const problems: string[] = [];
  const states: string[] = [];
  const log = kumomtaLog.create(kumomtaLog.config.parse({ path: folder, from: "start" }), {
    id: node,
    timezone: "UTC",
  });
  await log.start({
    ...collectingInto(model),
    health: (state, problem) => {
      states.push(state);
      if (problem !== null) problems.push(problem);
    },
  });
  try {
    const first = growSegment(join(folder, "20261123-210500"));
    await first.write(records(0, 1_500));
    await until("what has come out so far", () => totals().left > 100);
    expect(totals().accepted).toBeLessThan(1_500);
    await first.close();
    await until("the rest of the segment", () => totals().left === 1_500);
    const second = growSegment(join(folder, "20261123-210510.5"));
    await second.write(records(1_500, 2_500));
    await until("some of the next", () => totals().left > 1_600);
    await second.kill();
    writeFileSync(join(folder, "20261123-210520"), pack(records(3_000, 3_010)), { mode: 0o444 });
    await until("the one behind the broken one", () => totals().accepted > 1_600 && problems.length > 0);
    await until("to be well again", () => states.at(-1) === "ok");
  } finally {
    await log.stop();
  }
  expect(problems).toEqual([expect.stringMatching(/20261123-210510\.5 ends within a zstd frame/)]);
});

test("what is piped in may be packed", async () => {
  const input = new PassThrough();
  const lines: string[] = [];
  let health = "";
  const running = standardInput(input).run(
    async ({ lines: some }) => void lines.push(...some.map(({ bytes }) => bytes.toString())),
    {
      ...collectingInto(new DelayModel({ site: { id: siteId("main"), targetSeconds: 300 }, nodes: [] })),
      health: (_, problem) => (health = problem ?? ""),
    },
    new AbortController().signal,
  );
  const packed = Buffer.concat([pack(records(0, 20)), pack(records(20, 40))]);
  input.write(packed.subarray(0, 2));
  input.end(packed.subarray(2));
  await running;
  expect(lines.length).toBe(80);
  expect(lines.at(-1)).toMatch(/^\{"type":"Delivery","id":"0+27"/);
  expect(health).toBe("standard input has ended");
});

test("mailtide parse takes segments as they are, and says where one is cut", () => {
  const bin = fileURLToPath(new URL("../../../../bin/mailtide.mjs", import.meta.url));
  const parsed = (input: Buffer) =>
    spawnSync(process.execPath, [bin, "parse", "--mta", "kumomta"], { input, encoding: "utf8" });
  const packed = pack(records(0, 30));
  const whole = parsed(Buffer.concat([packed, packed]));
  const events = whole.stdout
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as { event: string }).event);
  expect([whole.status, events.length, new Set(events)]).toEqual([0, 120, new Set(["message", "delivery"])]);
  const cut = parsed(Buffer.concat([packed, packed.subarray(0, -2)]));
  expect(cut.status).toBe(1);
  expect(cut.stdout.trimEnd().split("\n").length).toBeGreaterThanOrEqual(60);
  expect(cut.stderr).toMatch(/ends within a zstd frame: it was cut short, or is still being written/);
});
