// What Mailtide does with the same lines. `parse MTA FILE...`: read and parse. `pipeline FOLDER [MTA]`: read, parse, correlate,
// sources, windows, second by second. `whole FOLDER [MTA]`: the same, and the delay's numbers, rules and alerts of each second. The
// last two in a thread with the limits that a replay's has. Prints how many lines were understood.
import { isMainThread, Worker } from "node:worker_threads";

const [mode, ...rest] = process.argv.slice(2);

/** What a run needs and no more is loaded: each module takes a millisecond. */
async function parsers(mta) {
  const { LogClock } = await import("../../server/dist/collect/syslog/clock.js");
  const { createParser } =
    mta === "exim"
      ? { createParser: (await import("../../server/dist/collect/mta/exim/parse.js")).createEximParser }
      : { createParser: (await import("../../server/dist/collect/mta/postfix/parse.js")).createPostfixParser };
  return ({ zone, year }) => createParser({ clock: new LogClock({ zone, firstYear: year }) });
}

async function parse([mta, ...paths]) {
  const { eventsOf } = await import("../../server/dist/replay/events-of.js");
  const { readBlocks } = await import("../../server/dist/replay/lines.js");
  const parserOf = await parsers(mta);
  let lines = 0;
  let understood = 0;
  for (const path of paths) {
    const read = parserOf({ zone: "America/Chicago", year: 2013 });
    for await (const block of readBlocks(path)) {
      const events = eventsOf(read, block);
      for (const { event } of events) if (event !== "other") understood += 1;
      lines += events.length;
    }
  }
  return { lines, understood };
}

/** Whoever only parses does not load all this. */
async function recorded([folder, mta]) {
  const { emptyCounts, openCapture } = await import("../../server/dist/replay/capture.js");
  const read = await parsers(mta);
  return { capture: await openCapture(folder, { parserFor: (_, place) => read(place) }), counts: emptyCounts() };
}

async function pipeline(args) {
  const { capture, counts } = await recorded(args);
  const { createPlayer } = await import("../../server/dist/replay/player.js");
  const { siteOf } = await import("../../server/dist/replay/site.js");
  const { DelayModel } = await import("../../server/dist/core/model/delay-model.js");
  const { Sources } = await import("../../server/dist/core/sources/sources.js");
  const { Windows } = await import("../../server/dist/core/window/windows.js");
  const config = siteOf(capture.meta);
  const windows = new Windows();
  const sources = new Sources({ ...config.sources, hasPoints: false });
  const messages = new DelayModel(config.delay);
  messages.onMessageFact = (fact) => sources.noteMessage(fact);
  let turns = 0;
  let shown = 0;
  const player = createPlayer({
    capture,
    counts,
    speed: Infinity,
    async turn({ nowMs, observations }) {
      sources.advance(nowMs);
      for (let at = 0; at < observations.length; at++) {
        const observation = observations.at(at);
        if (observation.kind !== "log") continue;
        windows.apply(observation);
        sources.apply(observation);
        messages.apply(observation);
      }
      messages.advance(nowMs);
      windows.advance(nowMs);
      turns += 1;
      if (turns % 60 === 0) shown += sources.section(nowMs).top.length;
    },
  });
  player.play();
  await player.done;
  return said(counts, shown, turns);
}

async function whole(args) {
  const { capture, counts } = await recorded(args);
  const { runCapture } = await import("../../server/dist/replay/run.js");
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
  return said(counts, shown, turns);
}

/** Of a run that showed no source, nothing was understood. */
const said = ({ lines, unparsed }, shown, turns) => ({ lines, understood: shown === 0 ? 0 : lines - unparsed, turns });

const modes = { parse, pipeline, whole };
if (mode !== "parse" && isMainThread) {
  const { replayLimits: resourceLimits } = await import("../../server/dist/replay-thread.js");
  new Worker(new URL(import.meta.url), { argv: process.argv.slice(2), resourceLimits }).on("error", (error) => {
    throw error;
  });
} else console.log(JSON.stringify(await modes[mode](rest)));
