import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const integration = "**/*.integration.test.ts";
const elsewhere = ["**/node_modules/**", "**/dist/**"];

const seed = "./server/test/seed.ts";

/** Tests that look at the whole machine, or at so short a time that another's work would be seen in it. */
const alone = [
  "server/src/host/detect.integration.test.ts",
  "server/src/collect/dependency/disk/disk.integration.test.ts",
  "server/src/collect/policy/policy.integration.test.ts",
  "server/src/stream/gateway.integration.test.ts",
];

/** Tests that play whole days, hours at least, on a clock of their own: they look at nothing of the machine's, and take long. */
const played = [
  "server/src/simulate/scenario/days.test.ts",
  "server/src/simulate/origin-day.integration.test.ts",
  "server/src/replay/origin-day.integration.test.ts",
  "server/test/capture/round-trip.integration.test.ts",
];

/** Those that take half a minute or more, the longest first. */
const long = [
  "e2e/arrow.e2e.test.ts",
  "server/test/replay/as-shown-live.e2e.test.ts",
  "server/test/crash/crash.integration.test.ts",
  "server/src/collect/dependency/roundtrip/mailbox.integration.test.ts",
  "server/test/loss.integration.test.ts",
  "server/test/agent/turned-back.integration.test.ts",
  "e2e/round-trip.e2e.test.ts",
  "server/src/store/influx/influx.integration.test.ts",
  "server/src/collect/mta/haraka/haraka.integration.test.ts",
  "server/test/agent/trouble.integration.test.ts",
  "server/test/agent/round-trip.integration.test.ts",
  "server/src/collect/dependency/postgres/postgres.integration.test.ts",
  "server/src/collect/mta/postfix/queue-ways.integration.test.ts",
  "server/src/store/embedded/state/crash.integration.test.ts",
  "server/src/simulate/scenario/days.test.ts",
];

const rankOf = ({ moduleId }: TestSpecification): number => {
  const at = long.findIndex((path) => moduleId.endsWith(path));
  return at === -1 ? long.length : at;
};

/** Long ones first, so that no worker has one left to wait for when all others are done. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((a, b) => rankOf(a) - rankOf(b));
  }
}

/**
 * Each has its own programs, ports and folders, and mostly waits for them: all of them together need one processor. How soon
 * something is noticed is looked at, so that there must be some left.
 */
const sideBySide = { sequence: { groupOrder: 1 }, maxWorkers: 3 };

/**
 * The groups run one after the other. How long a test may take is for what never ends: on a busy machine, or one that stands
 * still for a while, all of them take longer.
 */
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: "unit",
          setupFiles: seed,
          sequence: { groupOrder: 0 },
          include: [
            "server/src/**/*.test.ts",
            "shared/src/**/*.test.ts",
            "client/src/**/*.test.{ts,tsx}",
            "scripts/**/*.test.ts",
            "bench/**/*.test.ts",
          ],
          exclude: [integration, ...played, ...elsewhere],
          // A process of its own for each file took longer than all that most of them test.
          isolate: false,
          maxWorkers: "100%",
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        test: {
          ...sideBySide,
          name: "integration",
          setupFiles: seed,
          include: [`server/${integration}`],
          exclude: [...alone, ...played, ...elsewhere],
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          ...sideBySide,
          name: "e2e",
          include: ["e2e/**/*.e2e.test.ts", "server/test/**/*.e2e.test.ts"],
          testTimeout: 600_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: "played",
          setupFiles: seed,
          sequence: { groupOrder: 3 },
          include: played,
          exclude: elsewhere,
          maxWorkers: "100%",
          // They may have to do with what others leave of the processors.
          testTimeout: 1_200_000,
          hookTimeout: 1_200_000,
        },
      },
      {
        test: {
          name: "alone",
          sequence: { groupOrder: 2 },
          include: alone,
          exclude: elsewhere,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          maxWorkers: 1,
        },
      },
    ],
  },
});
