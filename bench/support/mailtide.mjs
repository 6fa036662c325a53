// What Mailtide does with the same lines. `parse MTA FILE`: read and parse. `pipeline FOLDER`: read, parse, correlate,
// sources, windows, delay, rules, a turn for each second, in a thread with the limits that a replay's has. Prints how many
// lines were understood.
import { isMainThread, Worker } from "node:worker_threads";
import { createEximParser } from "../../server/dist/collect/mta/exim/parse.js";
import { createPostfixParser } from "../../server/dist/collect/mta/postfix/parse.js";
import { LogClock } from "../../server/dist/collect/syslog/clock.js";
import { eventsOf } from "../../server/dist/replay/lanes.js";
import { readBlocks } from "../../server/dist/replay/lines.js";

const [mode, ...rest] = process.argv.slice(2);

function parserFor(mta, { zone, year }) {
  const clock = new LogClock({ zone, firstYear: year });
  return mta === "exim" ? createEximParser({ clock }) : createPostfixParser({ clock });
}

async function parse([mta, path]) {
  const read = parserFor(mta, { zone: "America/Chicago", year: 2013 });
  let lines = 0;
  let understood = 0;
  for await (const block of readBlocks(path)) {
    const events = eventsOf(read, block);
    for (const { event } of events) if (event !== "other") understood += 1;
    lines += events.length;
  }
  return { lines, understood };
}

async function pipeline([folder]) {
  // Whoever only parses does not load all this.
  const { emptyCounts, openCapture } = await import("../../server/dist/replay/capture.js");
  const { runCapture } = await import("../../server/dist/replay/run.js");
  const capture = await openCapture(folder, { parserFor });
  const counts = emptyCounts();
  let turns = 0;
  let shown = 0;
  await runCapture({
    capture,
    counts,
    onTurn(turn) {
      turns += 1;
      if (turns % 60 === 0) shown += turn.state.inbound.top.length;
    },
  });
  return { lines: counts.lines, understood: shown === 0 ? 0 : counts.lines - counts.unparsed, turns };
}

if (mode === "pipeline" && isMainThread) {
  const resourceLimits = { maxYoungGenerationSizeMb: 192 };
  new Worker(new URL(import.meta.url), { argv: process.argv.slice(2), resourceLimits }).on("error", (error) => {
    throw error;
  });
} else console.log(JSON.stringify(await (mode === "parse" ? parse(rest) : pipeline(rest))));
