import type { IncomingMessage } from "node:http";
import helmet from "helmet";
import type { RequestHandler } from "express";
import type { DescribeConnection } from "./auth/connection.ts";

/** Nothing from elsewhere, no script that is not a file of ours. The chart library sets styles on its elements. */
export function securityHeaders(describe: DescribeConnection, publicIsSecure: boolean): RequestHandler {
  // Older Safari does not count the WebSocket of the same host as 'self'.
  const ownSocket = (request: IncomingMessage): string => {
    const { host, secure } = describe(request);
    return host === null ? "'self'" : `${secure ? "wss" : "ws"}://${host}`;
  };
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", "data:"],
        fontSrc: ["'self'"],
        manifestSrc: ["'self'"],
        connectSrc: ["'self'", ownSocket],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        objectSrc: ["'none'"],
      },
    },
    // Browsers remember it for the whole host, other ports included: only where a name of its own is declared.
    strictTransportSecurity: publicIsSecure ? { maxAge: 15_552_000, includeSubDomains: false } : false,
    crossOriginEmbedderPolicy: false,
    referrerPolicy: { policy: "no-referrer" },
    xFrameOptions: { action: "deny" },
  });
}
