import { connect } from "node:net";
import { once } from "node:events";
import { z } from "zod";
import type { DependencyPlugin } from "../../plugin.ts";
import { createProbe, probeOptions } from "../probe.ts";

const config = z.strictObject({
  host: z.string().min(1),
  port: z.int().min(1).max(65_535),
  ...probeOptions,
});

/** Whether something accepts connections. */
export const tcp = {
  type: "tcp",
  config,
  create: ({ host, port, every, deadline, required }, { id }) =>
    createProbe({
      id,
      type: "tcp",
      everySeconds: every,
      deadlineSeconds: deadline,
      required,
      async attempt(signal) {
        const socket = connect({ host, port, signal });
        try {
          await once(socket, "connect");
          return undefined;
        } finally {
          socket.destroy();
        }
      },
    }),
} as const satisfies DependencyPlugin<"tcp", typeof config>;
