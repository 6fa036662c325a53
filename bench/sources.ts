/** How many events a second `Sources` takes: `npx tsx bench/sources.ts`. Ordinary traffic, then a flood of new addresses. */
import { nodeId } from "@mailtide/shared";
import type { LogObservation } from "../server/src/core/observation.ts";
import { Sources } from "../server/src/core/sources/sources.ts";

const events = 500_000;
const startMs = 1_462_959_600_000;

for (const [name, addresses] of [
  ["2,000 addresses", 2_000],
  ["a new address each time", events],
] as const) {
  const sources = new Sources();
  const stream = Array.from({ length: events }, (_, at) => observation(at, (at * 7_919) % addresses));
  const fromMs = performance.now();
  let section = 0;
  for (const [at, each] of stream.entries()) {
    sources.apply(each);
    const { event } = each;
    if (event.event === "client")
      sources.noteMessage({
        node: each.node,
        atMs: each.atMs,
        clientIp: event.clientIp ?? null,
        authenticated: false,
        direction: "in",
        sender: "bob@example.com",
        recipient: "bob@example.com",
        hosted: true,
        ownBounce: false,
      });
    if (at % 5_000 !== 4_999) continue;
    const before = performance.now();
    sources.section(each.atMs);
    section += performance.now() - before;
  }
  const ms = performance.now() - fromMs;
  const perSecond = Math.round((events / (ms - section)) * 1000).toLocaleString("en");
  const each = (section / (events / 5_000)).toFixed(1);
  const saveMs = performance.now();
  const megabytes = (sources.save().length / 1e6).toFixed(1);
  console.log(
    `${name}: ${perSecond} events/s; section ${each} ms; save ${megabytes} MB in ${Math.round(performance.now() - saveMs)} ms`,
  );
}

/** 5,000 a second: a connection, a message, a refusal in turn. */
function observation(at: number, address: number): LogObservation {
  const clientIp = `${10 + (address >> 24)}.${(address >> 16) & 255}.${(address >> 8) & 255}.${address & 255}`;
  const event = (["connect", "client", "reject"] as const)[at % 3] ?? "connect";
  return { kind: "log", node: nodeId("mx1"), atMs: startMs + Math.floor(at / 5), event: { event, clientIp } };
}
