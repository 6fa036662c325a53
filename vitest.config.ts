import { defineConfig } from "vitest/config";

const integration = "**/*.integration.test.ts";

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          sequence: { groupOrder: 0 },
          include: [
            "server/src/**/*.test.ts",
            "shared/src/**/*.test.ts",
            "client/src/**/*.test.{ts,tsx}",
            "scripts/**/*.test.ts",
            "bench/**/*.test.ts",
          ],
          exclude: [integration, "**/node_modules/**", "**/dist/**"],
        },
      },
      {
        test: {
          name: "integration",
          sequence: { groupOrder: 1 },
          include: [`server/${integration}`],
          exclude: ["**/node_modules/**", "**/dist/**"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "e2e",
          sequence: { groupOrder: 2 },
          include: ["e2e/**/*.e2e.test.ts", "server/test/**/*.e2e.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 120_000,
          // Each has its own programs and mostly waits for them.
          fileParallelism: true,
          maxWorkers: 2,
        },
      },
    ],
  },
});
