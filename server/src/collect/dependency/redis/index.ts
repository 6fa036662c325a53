import { z } from "zod";
import { Secret, secret } from "../../../config/secret.ts";
import type { DependencyPlugin } from "../../plugin.ts";
import { createProbe, ProbeFailure, probeOptions } from "../probe.ts";

const plainUrl = z.string().transform((text, context) => {
  if (/^rediss?:\/\//u.test(text) && URL.canParse(text) && new URL(text).password === "") return new Secret(text);
  context.addIssue({
    code: "custom",
    message: "redis://host:6379/0 or rediss://; with a password {env: NAME} or {file: PATH}",
  });
  return z.NEVER;
});

const config = z.strictObject({
  url: z.union([plainUrl, secret]),
  ...probeOptions,
});

/** Connects, sends PING and reads what INFO says of clients and memory, with the mail system's own account. */
export const redis = {
  type: "redis",
  config,
  create({ url, every, deadline, required }, { id }) {
    // Loaded only by whoever probes a Redis: the library extends String, after which engines read every string of the
    // process half as fast.
    const library = import("ioredis");
    library.catch(() => undefined);
    return createProbe({
      id,
      type: "redis",
      everySeconds: every,
      deadlineSeconds: deadline,
      required,
      async attempt(signal) {
        const { Redis } = await library;
        const client = new Redis(url.reveal(), {
          lazyConnect: true,
          maxRetriesPerRequest: 0,
          retryStrategy: () => null,
          enableOfflineQueue: false,
          connectTimeout: deadline * 1000 + 1000,
        });
        // What the socket said is the cause; ioredis itself only says that the connection is closed.
        let cause: unknown;
        client.on("error", (error: unknown) => (cause ??= error));
        const cut = () => client.disconnect();
        signal.addEventListener("abort", cut, { once: true });
        try {
          await client.connect();
          const pong = await client.ping();
          if (pong !== "PONG") throw new ProbeFailure("does not answer PING with PONG");
          // An account without the right to INFO is no fault.
          const info = await client.info().catch(() => "");
          return detailsOf(info);
        } catch (error) {
          throw cause ?? error;
        } finally {
          signal.removeEventListener("abort", cut);
          client.disconnect();
        }
      },
    });
  },
} as const satisfies DependencyPlugin<"redis", typeof config>;

function detailsOf(info: string) {
  const value = (key: string) => {
    const found = new RegExp(`^${key}:(\\d+)\\r?$`, "mu").exec(info)?.[1];
    return found === undefined ? undefined : Number(found);
  };
  const used = value("connected_clients");
  const most = value("maxclients");
  return {
    ...(used === undefined ? {} : { connectionsUsed: used }),
    ...(most === undefined ? {} : { connectionsMax: most }),
  };
}
