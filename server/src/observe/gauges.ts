import type { LiveState } from "@mailtide/shared";
import { Gauge } from "prom-client";
import type { Registry } from "prom-client";

type Read = (state: LiveState) => readonly Sample[];
interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  /** null is "not known": the series is then absent, never zero. */
  readonly value: number | null;
}

const one = (value: number | null): readonly Sample[] => [{ value }];
const labelled = (label: string, samples: readonly (readonly [string, number | null])[]): readonly Sample[] =>
  samples.map(([name, value]) => ({ labels: { [label]: name }, value }));

/** Of one name; hosts, collectors and dependencies are as many as are configured, and all of a large site find room. */
const mostSamples = 2_000;

/** Name, help, label, and where it stands in the state that the screens get. */
const gauges: readonly (readonly [name: string, help: string, label: string | null, read: Read])[] = [
  ["delay_headline_seconds", "How late the mail is", null, ({ delay }) => one(delay.headlineSeconds)],
  ["delay_late_share", "Share of mail that is late", null, ({ delay }) => one(delay.lateShare)],
  ["delay_expected_seconds", "Expected wait of mail accepted now", null, ({ delay }) => one(delay.expected.seconds)],
  ["delay_at_most", "1 when unknown waits may raise the headline", null, ({ delay }) => one(Number(delay.atMost))],
  ["stuck_messages", "Messages that wait far too long", null, ({ delay }) => one(delay.stuck.count)],
  [
    "at_senders_seconds",
    "How long mail waits at its senders",
    null,
    ({ delay }) => one(delay.atSenders?.seconds ?? null),
  ],
  ["at_senders_mails", "Mails that wait at their senders", null, ({ delay }) => one(delay.atSenders?.count ?? 0)],
  [
    "at_senders_not_followed",
    "Refused mails of the last hours that were too many to be followed",
    null,
    ({ delay }) => one(delay.atSenders?.notFollowed ?? 0),
  ],
  [
    "queue_messages",
    "Messages in a queue",
    "queue",
    ({ queues }) =>
      labelled(
        "queue",
        queues.queues.map(({ name, count }) => [name, count]),
      ),
  ],
  [
    "waiting_messages",
    "Waiting messages, by whose wait it is",
    "attribution",
    ({ queues }) =>
      labelled(
        "attribution",
        Object.entries(queues.waiting).map(([name, { count }]) => [name, count]),
      ),
  ],
  [
    "host_waiting_messages",
    "Messages that wait on us at a host, of the forty at which most do; absent where there is one host",
    "node",
    ({ queues }) =>
      labelled(
        "node",
        (queues.hosts?.shown ?? []).map(({ node, ownQueued }) => [node, ownQueued]),
      ),
  ],
  [
    "host_queued_messages",
    "Messages in the queues of the same hosts",
    "node",
    ({ queues }) =>
      labelled(
        "node",
        (queues.hosts?.shown ?? []).map(({ node, queued }) => [node, queued]),
      ),
  ],
  [
    "dependency_latency_seconds",
    "Latency of the last probe",
    "dependency",
    ({ dependencies }) =>
      labelled(
        "dependency",
        dependencies.dependencies.map((each) => [each.id, each.latencySeconds]),
      ),
  ],
  [
    "dependency_ok",
    "1 when the dependency is well, 0 when it is slow or failing",
    "dependency",
    ({ dependencies }) =>
      labelled(
        "dependency",
        dependencies.dependencies.map(({ id, state }) => [id, state === "unknown" ? null : Number(state === "ok")]),
      ),
  ],
  [
    "collector_data_age_seconds",
    "Age of a collector's newest data",
    "collector",
    ({ freshness, meta }) =>
      labelled(
        "collector",
        freshness.collectors.map(({ id, lastDataMs }) => [
          id,
          lastDataMs === null ? null : Math.max(0, (meta.nowMs - lastDataMs) / 1000),
        ]),
      ),
  ],
  [
    "data_complete",
    "1 when no number may have missed something",
    null,
    ({ freshness }) => one(Number(freshness.complete)),
  ],
  ["lost_lines", "Log lines known to be lost", null, ({ freshness }) => one(freshness.lostLines)],
  [
    "sources_distinct",
    "Client addresses of the last five minutes",
    null,
    ({ inbound }) => one(inbound.distinctSources),
  ],
  [
    "incidents_open",
    "Incidents that are not resolved",
    null,
    ({ incidents }) => one(incidents.incidents.filter(({ state }) => state !== "resolved").length),
  ],
  ["outbox_waiting", "Notifications not yet delivered", null, ({ incidents }) => one(incidents.outbox.waiting)],
  ["outbox_oldest_seconds", "Age of the oldest", null, ({ incidents }) => one(incidents.outbox.oldestSeconds)],
];

/** The figures of the screens for Prometheus, taken from the newest state when it asks. */
export function showLiveState(registry: Registry): { show(state: LiveState): void } {
  let current: LiveState | null = null;
  for (const [name, help, label, read] of gauges) {
    void new Gauge({
      name: `mailtide_${name}`,
      help,
      labelNames: label === null ? [] : [label],
      registers: [registry],
      collect() {
        this.reset();
        // A reset gauge without labels stands at zero, which would be a measurement.
        if (label === null) this.remove();
        const samples = current === null ? [] : read(current);
        for (const { labels, value } of samples.slice(0, mostSamples))
          if (value !== null) this.set(labels ?? {}, value);
      },
    });
  }
  void new Gauge({
    name: "mailtide_gauge_samples_left_out",
    help: "Samples of a name above that found no room",
    labelNames: ["gauge"],
    registers: [registry],
    collect() {
      for (const [name, , label, read] of gauges)
        if (label !== null && current !== null)
          this.set({ gauge: name }, Math.max(0, read(current).length - mostSamples));
    },
  });
  return {
    show(state) {
      current = state;
    },
  };
}
