import { dependencyId, type LiveState, type RoundTripView, type Seconds } from "@mailtide/shared";
import { frame } from "../frame.ts";
import { alert, at, dependency, incident, say } from "./build.ts";
import { calmState, quietState } from "./calm.ts";

const missing = (seconds: Seconds, isHeadline: boolean): RoundTripView => ({
  dependency: dependencyId("round trip"),
  state: seconds > 300 ? "failing" : "ok",
  seconds,
  isSoFar: true,
  isRefused: false,
  isHeadline,
});

const others = calmState.dependencies.dependencies.filter(({ type }) => type !== "roundtrip");
const recent = (seconds: Seconds) => [...Array.from({ length: 59 }, (_, index) => 2 + (index % 5) * 0.2), seconds];

/** Within its time still, and longer than ever. */
const waitingState: LiveState = {
  ...quietState,
  delay: { ...quietState.delay, headlineSeconds: 104, atLeast: true, roundTrip: missing(104, true) },
  dependencies: {
    dependencies: [
      ...others,
      dependency("round trip", "roundtrip", "slow", 104, {
        note: say("not back for *1 min 44 s*"),
        recent: recent(104),
      }),
    ],
  },
};

const start = at("10:08");
const failing = say(
  "failing since ",
  { atMs: at("10:13"), strong: true },
  { text: ": not back after 12 min; the platform took it as 4A1B2C3D4E" },
);
const notBack = alert(
  "round-trip",
  "delivery-slow",
  say("Our own test mail (round trip) does not come back in time"),
  start,
  [
    say("Sent *12 min* ago, and none since is back."),
    say("By the log no mail is late: it is lost, or waits where the log does not tell of it."),
    failing,
  ],
  { state: "firing", actions: [{ label: say("Show the queue by age and destination"), command: "qshape -s active" }] },
);

/** By its log the platform is on time, and nothing comes back. */
const missingState: LiveState = {
  ...calmState,
  delay: { ...calmState.delay, verdict: "unknown", atLeast: true, roundTrip: missing(720, false) },
  dependencies: {
    dependencies: [
      ...others,
      dependency("round trip", "roundtrip", "failing", 720, {
        note: failing,
        recent: recent(720),
      }),
    ],
  },
  incidents: {
    ...calmState.incidents,
    incidents: [incident("i-21", say("Our own test mail does not come back in time"), start, [notBack])],
  },
};

export const roundTripFrames = [
  frame("quiet-waiting", "A quiet night, and the test mail takes long", waitingState),
  frame("round-trip", "The log says on time, the test mail does not come back", missingState),
];
