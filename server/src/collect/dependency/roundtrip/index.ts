import { hostname } from "node:os";
import { z } from "zod";
import { duration } from "../../../config/duration.ts";
import { secret } from "../../../config/secret.ts";
import type { DependencyPlugin } from "../../plugin.ts";
import { addressList, listenAddress } from "../../syslog-in/addresses.ts";
import { createRoundTrip, type RoundTripSettings } from "./collector.ts";
import { mailboxForm } from "./probe-mail.ts";

const mailbox = z.string().regex(mailboxForm, "not an address such as probe@example.org");

const mailboxConfig = z.strictObject({
  host: z.string().min(1),
  /** 993, or 143 with STARTTLS. */
  port: z.int().min(1).max(65_535).optional(),
  tls: z.enum(["implicit", "starttls"]).default("implicit"),
  verify: z.boolean().default(true),
  ca: z.string().min(1).optional(),
  user: z.string().min(1),
  password: secret,
  folder: z.string().min(1).max(255).default("INBOX"),
  /** Where filters put what they take for spam: a probe that is found there has failed, and is named so. */
  junk: z.string().min(1).max(255).optional(),
  /** How often it is looked at; where the server tells what is new (IDLE), that is looked at when it comes. */
  every: duration.default(5).refine((seconds) => seconds >= 1, "at least 1s"),
  /** Each step of the conversation must be answered within this. */
  deadline: duration.default(10).refine((seconds) => seconds >= 1 && seconds <= 60, "between 1s and 60s"),
});

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
    /** Where it comes back to, unless there is a `mailbox`. */
    listen: listenAddress.optional(),
    /** Who may bring it. */
    address: addressList.optional(),
    /** Where it can be read when it is back. */
    mailbox: mailboxConfig.optional(),
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
  .refine(({ mailbox: back, listen, address }) => back === undefined || (listen ?? address) === undefined, {
    path: ["mailbox"],
    message: "one way back: a mailbox, or listen and address",
  })
  .refine(({ mailbox: back, deadline }) => back === undefined || back.every < deadline, {
    path: ["mailbox"],
    message: "every must be less than the deadline, or what is back in time is seen too late",
  })
  .refine(({ mailbox: back }) => back === undefined || back.junk !== back.folder, {
    path: ["mailbox", "junk"],
    message: "another folder than folder",
  })
  .refine(({ from, to }) => from.toLowerCase() !== to.toLowerCase(), {
    path: ["from"],
    message: "the sender must not be the recipient: filters take that for forged",
  });

const doorOf = ({ listen, address }: z.infer<typeof config>): RoundTripSettings["wayBack"] => ({
  listen: listen ?? listenAddress.parse("127.0.0.1:2526"),
  address: address ?? ["127.0.0.0/8", "::1"],
});

const mailboxOf = ({
  every,
  deadline,
  port,
  junk,
  ...access
}: z.infer<typeof mailboxConfig>): RoundTripSettings["wayBack"] => ({
  mailbox: { ...access, deadlineSeconds: deadline, port: port ?? (access.tls === "implicit" ? 993 : 143) },
  junk: junk ?? null,
  everySeconds: every,
});

/** A mail through the platform and back. */
export const roundtrip = {
  type: "roundtrip",
  config,
  create: (options, { id }) => {
    const { host, port, tls, verify, ca, auth, helo, from, to, delimiter, mailbox: back } = options;
    return createRoundTrip({
      id,
      wayIn: { host, port, tls, verify, ca, auth, helo },
      from,
      to: { mailbox: to, delimiter },
      wayBack: back === undefined ? doorOf(options) : mailboxOf(back),
      everySeconds: options.every,
      lateSeconds: options.deadline,
      most: options.most,
      required: options.required,
    });
  },
} as const satisfies DependencyPlugin<"roundtrip", typeof config>;
