import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { dependencyId, nodeId } from "@mailtide/shared";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { lineReader } from "../../collect/readers.ts";
import { lineRenderer } from "../../collect/renderers.ts";
import type { MailEvent } from "../../core/event.ts";
import { compileHops, hopOf, isNowhere } from "../../core/model/hops.ts";
import { classifyReason } from "../../core/model/reason.ts";
import type { RecordedNode } from "../recording.ts";
import { createPseudonyms } from "./index.ts";

const folder = join(import.meta.dirname, "../../collect/mta/postfix/testcases");
const key = Uint8Array.from({ length: 32 }, (_, index) => 255 - index);
const mx: RecordedNode = {
  id: nodeId("mx"),
  mta: "postfix",
  timezone: "UTC",
  ownDomains: ["own.example"],
  ownHops: ["127.0.0.1", "10.0.0.0/8", ".filter.example", "192.0.2.0/28", "transport:lmtp", "transport:maildrop"],
  backoff: { minimalSeconds: 300, maximalSeconds: 4000, queueRunDelaySeconds: 300 },
};
const pseudonyms = createPseudonyms(key, [mx]);
const hide = (event: MailEvent): MailEvent => {
  const observations = [{ kind: "log", node: mx.id, atMs: 0, event }] as const;
  const [one] = pseudonyms.tick({ nowMs: 0, observations, commands: [], pagesSent: [] }).observations;
  if (one?.kind !== "log") throw new Error("not a line any more");
  return one.event;
};
const read = lineReader("postfix", { zone: "UTC", year: 2026 }) ?? ((): MailEvent => ({ event: "other" }));
const render = lineRenderer("postfix") ?? (() => null);
const lines = readdirSync(folder).flatMap((name) =>
  readFileSync(join(folder, name, "input"), "utf8")
    .split("\n")
    .slice(0, -1),
);
const [settings] = [mx].map((node) => hopsOf(node));
function hopsOf(node: RecordedNode) {
  const site = { id: "s", name: "Secret Mail", timezone: "UTC", locale: "en" };
  const rest = {
    simulated: false,
    targetSeconds: 300,
    resolveAfterSeconds: 600,
    rules: {},
    installId: "i",
    dependencies: [],
    collectors: [],
  };
  const hidden = pseudonyms.settings({ ...rest, site, nodes: [node] });
  return {
    clear: compileHops(node.ownHops),
    hidden: compileHops(hidden.nodes[0]?.ownHops),
    text: JSON.stringify(hidden),
  };
}

test("a pseudonymised line is judged as the line was: same class of reason, same hop, same kind of client", () => {
  for (const line of lines) {
    const event = read(line);
    const hidden = hide(event);
    expect(Object.keys(hidden).sort()).toEqual(Object.keys(event).sort());
    if (event.event !== "delivery" && event.event !== "reject") continue;
    expect(classifyReason(hidden.reason ?? "", hidden.dsn), line).toBe(classifyReason(event.reason ?? "", event.dsn));
    expect(settings?.hidden.own(hopOf(hidden)), line).toBe(settings?.clear.own(hopOf(event)));
    expect(isNowhere(hopOf(hidden)), line).toBe(isNowhere(hopOf(event)));
    if (event.clientIp !== undefined)
      expect(settings?.hidden.ownAddress(hidden.clientIp ?? "")).toBe(settings?.clear.ownAddress(event.clientIp));
  }
  expect(settings?.text).not.toMatch(/secret|own\.example|filter\.example/i);
});

const probeSaying = (error: string): string | undefined => {
  const probe = { kind: "probe", atMs: 0, id: dependencyId("trip"), type: "roundtrip", ok: false, error } as const;
  const observations = [{ ...probe, latencySeconds: 1 }];
  const [one] = pseudonyms.tick({ nowMs: 0, observations, commands: [], pagesSent: [] }).observations;
  return one?.kind === "probe" ? one.error : undefined;
};

test("what our own probes say stays readable, with the queue id, and without what a server chose to say", () => {
  expect(probeSaying("not back after 12 min; the platform took it as 4A1B2C3D4E")).toBe(
    "not back after 0 min; the platform took it as 4A1B2C3D4E",
  );
  expect(probeSaying("the mailbox cannot be read: no answer within 10 s (opening the folder)")).toBe(
    "the mailbox cannot be read: no answer within 0 s (opening the folder)",
  );
  expect(probeSaying("refused at AUTH PLAIN: 535 5.7.8 Zzplanted failed")).toBe(
    "refused at AUTH PLAIN: 535 5.7.8 * failed",
  );
});

test("nearly every pseudonymised line can be written as a line; the rest are recorded as what they say", () => {
  const dated = lines.filter((line) => {
    const event = read(line);
    return event.atMs !== undefined && event.process !== undefined;
  });
  // Some say the same twice, in a reason too, which is told apart when its words are hidden.
  const unwritten = dated.filter((line) => render(hide(read(line))) === null);
  expect(unwritten.length / dated.length, unwritten.join("\n")).toBeLessThan(0.03);
});

test("how many messages an operator deleted stays", () => {
  expect(hide(read("Nov 23 23:33:01 mx postfix/postsuper[3262]: Deleted: 7 messages"))).toMatchObject({
    action: "deleted",
    reason: "Deleted: 7 messages",
  });
});

test("nothing that was planted in a line comes out of it", () => {
  const marks = [
    "zzplanted",
    "ZZPLANTED",
    "Zzplanted",
    "zzplanted1",
    "1zzplanted",
    "zzplanted.zzplanted",
    "zzplanted@zzplanted.test",
    "zz-zzplanted_zz",
    "zzplänted",
  ];
  const planted = fc
    .tuple(
      fc.constantFrom(...lines),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.nat(12),
      fc.constantFrom(...marks),
      fc.constantFrom("", " ", "=", "<", "[", ": ", "@", "."),
    )
    .map(([line, share, length, mark, before]) => {
      const from = 16 + Math.floor(share * (line.length - 16));
      return line.slice(0, from) + before + mark + line.slice(from + length);
    });
  fc.assert(
    fc.property(planted, (line) => {
      expect(JSON.stringify(hide(read(line)))).not.toMatch(/zzpl[aä]n/i);
    }),
    { numRuns: 10_000 },
  );
});

test("no word of a golden line stays that is not the mail system's own", () => {
  const personal =
    /\b(?:[a-z0-9.-]+\.(?:example|test|com|org|net|invalid)|192\.0\.2\.\d+|198\.51\.100\.\d+|203\.0\.113\.\d+)\b/i;
  const left = lines.flatMap((line) => {
    const { process: _tag, ...event } = hide(read(line));
    return personal.test(JSON.stringify(event)) ? [JSON.stringify(event)] : [];
  });
  expect(left).toEqual([]);
});

test("a log that lines are missing of is not named by a path that names a host", () => {
  const gap = { fromMs: 1, toMs: 9, log: "/srv/zzplanted.own.example/mail.log" };
  const observations = [{ kind: "loss", node: mx.id, atMs: 9, lines: 1, because: "truncated", gap }] as const;
  const hidden = pseudonyms.tick({ nowMs: 9, observations, commands: [], pagesSent: [] }).observations;
  expect(hidden).toMatchObject([{ gap: { fromMs: 1, toMs: 9 } }]);
  expect(JSON.stringify(hidden)).not.toMatch(/zzplanted|own\.example/);
});
