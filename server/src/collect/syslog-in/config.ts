import { z } from "zod";
import { listenAddress } from "./addresses.ts";

/** Where syslog is taken; which sender is which node stands with the nodes. */
export const syslogConfig = z.strictObject({
  udp: listenAddress.optional(),
  tcp: listenAddress.optional(),
  tls: z
    .strictObject({
      listen: listenAddress,
      cert: z.string().min(1),
      key: z.string().min(1),
      /** Signs the certificates of those who may send. */
      ca: z.string().min(1).optional(),
    })
    .optional(),
});
