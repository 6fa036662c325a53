import { hostname } from "node:os";
import { z } from "zod";
import { duration } from "../../../config/duration.ts";
import { secret } from "../../../config/secret.ts";
import type { DependencyPlugin } from "../../plugin.ts";
import { addressList, listenAddress } from "../../syslog-in/addresses.ts";
import { createRoundTrip } from "./collector.ts";

const mailbox = z
  .string()
  .regex(/^[^\s@<>+,;:"]{1,40}@[^\s@<>,;:"]{1,253}$/, "not an address such as probe@example.org");

const config = z
  .strictObject({
    /** The way in: where the platform takes mail, as its customers or the world see it. */
    host: z.string().min(1),
    port: z.int().min(1).max(65_535).default(25),
    /** `starttls`: must be offered and work; `implicit`: TLS at once; `none`. */
    tls: z.enum(["none", "starttls", "implicit"]).default("none"),
    /** Whether the certificate must be trusted and bear the name of the host. */
    verify: z.boolean().default(true),
    ca: z.string().min(1).optional(),
    auth: z.strictObject({ user: z.string().min(1), password: secret }).optional(),
    helo: z
      .string()
      .regex(/^[\w.[\]:-]+$/, "not a host name")
      .default(hostname().replaceAll(/[^\w.-]/g, "-")),
    /** "" is the null sender: what cannot be delivered is then never bounced. */
    from: z.union([z.literal(""), mailbox]).default(""),
    /** A mailbox of nobody that the platform routes to `listen`, with any extension. */
    to: mailbox,
    delimiter: z.enum(["+", "-"]).default("+"),
    /** Where it comes back to. */
    listen: listenAddress.prefault("127.0.0.1:2526"),
    /** Who may bring it. */
    address: addressList.default(["127.0.0.0/8", "::1"]),
    every: duration.default(60).refine((seconds) => seconds >= 5, "at least 5s: each is a mail"),
    /** A mail that takes longer is late: the round trip fails. */
    deadline: duration.default(300),
    /** So many are out at most. */
    most: z.int().min(2).max(200).default(60),
    required: z.boolean().default(true),
  })
  .refine(({ auth, tls }) => auth === undefined || tls !== "none", {
    path: ["auth"],
    message: "a password needs tls: starttls or implicit",
  })
  .refine(({ from, to }) => from.toLowerCase() !== to.toLowerCase(), {
    path: ["from"],
    message: "the sender must not be the recipient: filters take that for forged",
  });

/** A mail through the platform and back. */
export const roundtrip = {
  type: "roundtrip",
  config,
  create: (options, { id }) => {
    const { host, port, tls, verify, ca, auth, helo, from, to, delimiter, listen, address } = options;
    return createRoundTrip({
      id,
      wayIn: { host, port, tls, verify, ca, auth, helo },
      from,
      to: { mailbox: to, delimiter },
      listen,
      address,
      everySeconds: options.every,
      lateSeconds: options.deadline,
      most: options.most,
      required: options.required,
    });
  },
} as const satisfies DependencyPlugin<"roundtrip", typeof config>;
