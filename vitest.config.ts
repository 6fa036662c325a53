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

const isLong = ({ moduleId }: TestSpecification): number => Number(moduleId.endsWith(".e2e.test.ts"));

/** The longest first, so that no worker has one left to wait for when all others are done. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((a, b) => isLong(b) - isLong(a));
  }
}

/** Each has its own programs, ports and folders, and mostly waits for them. */
const sideBySide = { sequence: { groupOrder: 1 }, maxWorkers: 2 };

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
          exclude: [integration, ...elsewhere],
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
          exclude: [...alone, ...elsewhere],
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
