import type { LiveState, NodeId } from "@mailtide/shared";
import { incidentId, nodeId } from "@mailtide/shared";
import type { Command } from "../../src/core/alert/signal.ts";
import type { Observation, Tick } from "../../src/core/observation.ts";
import type { RecordedSettings } from "../../src/capture/recording.ts";
import { SiteCore, type SiteCoreConfig, type SiteTurn } from "../../src/core/site-core.ts";
import { Pipeline } from "../../src/flow/pipeline.ts";
import { createPlayer } from "../../src/replay/player.ts";
import type { Capture } from "../../src/replay/contract.ts";
import { siteOf } from "../../src/replay/site.ts";
import { rememberSettings } from "../../src/recording.ts";
import { openStateStore } from "../../src/store/embedded/state/open.ts";
import { recoverCore } from "../../src/stores.ts";

export interface LiveOptions {
  readonly folder: string;
  readonly source: Capture;
  readonly keepSeconds?: number;
  readonly maxBytes?: number;
  /** Turns between two restarts. */
  readonly restartEvery?: number;
}
export interface LiveRun {
  /** What each turn said, as JSON texts by instant. */
  readonly said: Map<number, Said>;
  readonly lines: number;
}
export interface Said {
  readonly points: string;
  readonly alerts: string;
  readonly headlineSeconds: number | null;
}

const checkpointEvery = 300;

/** A server that lives through a capture as if it came in now: every turn through the pipeline into a state folder. */
export async function liveThrough({
  folder,
  source,
  keepSeconds = 86_400,
  maxBytes = 1 << 30,
  restartEvery = 2_000,
}: LiveOptions): Promise<LiveRun> {
  const config: SiteCoreConfig = { ...siteOf(source.meta), mode: "live" };
  const settings = settingsOf(source, config);
  const said = new Map<number, Said>();
  const open = async () => {
    const state = await openStateStore({
      folder,
      recording: {
        keepSeconds,
        maxBytes,
        failed: (error) => {
          throw error;
        },
      },
    });
    const core = new SiteCore(config);
    const recovery = await state.recover();
    const { journalSeq } = await recoverCore(core, recovery);
    await rememberSettings(state, journalSeq, settings);
    let last: SiteTurn | null = null;
    const pipeline = new Pipeline({
      core: {
        *turnInSteps(tick) {
          last = yield* core.turnInSteps(tick);
          return last;
        },
      },
      state,
      journalSeq,
      notificationsFor: () => [],
      publish: () => undefined,
      observe: () => undefined,
      commitFailed: (error) => {
        throw error;
      },
      point: () => undefined,
      wait: async () => undefined,
    });
    return { state, core, pipeline, said: () => last };
  };
  let live = await open();
  let turns = 0;
  let lines = 0;
  let acknowledged = "";
  const player = createPlayer({
    capture: source,
    speed: Infinity,
    turn: async ({ nowMs, observations: given }) => {
      const observations = [...given];
      // A real clock does not tick at whole seconds, and a listing knows more than its document.
      const tick: Tick = {
        nowMs: nowMs + 137 + (turns % 7),
        observations: observations.map(richer),
        commands: [],
        pagesSent: [],
      };
      const before = openIncident(live.said()?.state);
      const commands: Command[] =
        before === "" || before === acknowledged
          ? []
          : [{ type: "acknowledge", incident: incidentId(before), by: "ann@zzplanted.example" }];
      if (commands.length > 0) acknowledged = before;
      lines += observations.filter(({ kind }) => kind === "log").length;
      await live.pipeline.turn({ ...tick, commands }, new Map());
      const turn = live.said();
      if (turn !== null) said.set(tick.nowMs, saidBy(turn));
      turns++;
      if (turns % checkpointEvery === 0)
        await live.state.saveCheckpoint({
          journalSeq: live.pipeline.journalSeq,
          nowMs: tick.nowMs,
          parts: live.core.save(),
        });
      if (turns % restartEvery === 0) {
        await live.state.close();
        live = await open();
      }
    },
  });
  player.play();
  await player.done;
  await live.state.close();
  return { said, lines };
}

/** Windows are points; names of sources differ by design, so that only what was counted of them is compared. */
export function saidBy({ state, points }: SiteTurn): Said {
  const plain = points.map(({ tier, points: all }) => [
    tier,
    all.filter(({ measurement }) => measurement !== "mail_top_source"),
  ]);
  const alerts = state.incidents.incidents.map(
    ({ id, severity, startedAtMs, acknowledgedAtMs, resolvedAtMs, alerts: held }) => ({
      id,
      severity,
      startedAtMs,
      acknowledgedAtMs,
      resolvedAtMs,
      alerts: held.map(
        ({ rule, cause, severity: each, state: stands, startedAtMs: began, firedAtMs, resolvedAtMs: ended }) => ({
          rule,
          cause,
          each,
          stands,
          began,
          firedAtMs,
          ended,
        }),
      ),
    }),
  );
  return {
    points: JSON.stringify(plain),
    alerts: JSON.stringify(alerts),
    headlineSeconds: state.delay.headlineSeconds,
  };
}

const openIncident = (state: LiveState | undefined): string =>
  state?.incidents.incidents.find(({ resolvedAtMs }) => resolvedAtMs === null)?.id ?? "";

function richer(one: Observation): Observation {
  if (one.kind === "probe") return { ...one, error: one.ok ? "" : "zzplanted refused" };
  if (one.kind !== "queue") return one;
  const unknown = [
    {
      queueId: "ABCDEF0123",
      queue: "deferred",
      arrivalMs: one.atMs - 60_000,
      sizeBytes: 5,
      sender: "zzplanted@zz.example",
      recipients: [
        { address: "b@zzplanted.example", reason: "connect to zzplanted.example[192.0.2.9]:25: Connection refused" },
      ],
    },
  ];
  return { ...one, endMs: one.atMs + 21, unknown, unknownDropped: 1, vanished: ["ABCDEF9999"] };
}

function settingsOf({ meta }: Capture, config: SiteCoreConfig): RecordedSettings {
  return {
    site: config.site,
    simulated: meta.simulated,
    targetSeconds: config.targetSeconds,
    resolveAfterSeconds: config.alerts.resolveAfterSeconds,
    rules: {},
    installId: config.alerts.installId,
    nodes: meta.nodes.map(({ id, timezone, ownDomains, ownHops }) => ({
      id: nodeId(id) satisfies NodeId,
      mta: "postfix",
      timezone,
      ownDomains,
      ...(ownHops.length === 0 ? {} : { ownHops }),
      backoff: { minimalSeconds: 300, maximalSeconds: 4000, queueRunDelaySeconds: 300 },
    })),
    dependencies: meta.dependencies,
    collectors: [],
  };
}
