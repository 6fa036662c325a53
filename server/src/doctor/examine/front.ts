import { parseAddress, isPrivate } from "../../core/model/address.ts";
import { type Finding, inFile, ok } from "../finding.ts";
import type { LogTail } from "../log-tail.ts";
import type { Examination } from "../patient.ts";

/** All clients are one private address: a balancer or a proxy stands in front and hides who they are. */
export const front: Examination = async (patient) => (await patient.logs()).flatMap(judgeFront);

export function judgeFront({ node, type, events }: Pick<LogTail, "node" | "type" | "events">): Finding[] {
  const clients = events.flatMap(({ clientIp, event }) =>
    clientIp === undefined || !["client", "connect", "message", "reject"].includes(event) ? [] : [clientIp],
  );
  const [first] = clients;
  if (first === undefined || clients.length < enough) return [];
  const distinct = new Set(clients);
  const address = parseAddress(first);
  const what = `${node} clients`;
  if (distinct.size > 1 || address === null || !isPrivate(address))
    return [ok(what, `${distinct.size} addresses among the last ${clients.length} connections and messages`)];
  const exim = ["hosts_proxy = " + first];
  const postfix = [
    "# HAProxy and others, by the PROXY protocol (the balancer must speak it: send-proxy):",
    "smtpd_upstream_proxy_protocol = haproxy",
    "# another Postfix or filter in front, by XFORWARD (smtp_send_xforward_command = yes over there):",
    `smtpd_authorized_xforward_hosts = ${first}`,
  ];
  return [
    {
      verdict: "missing",
      what,
      says: `the last ${clients.length} connections and messages all came from ${first}: what stands in front hides the real clients`,
      why: "New and spoofing sources cannot be told, and a block list made of them would shut out everybody.",
      mend:
        type === "exim-log"
          ? inFile("Exim's configuration, either of", ...exim)
          : inFile("main.cf, one of both", ...postfix),
    },
  ];
}

/** Fewer may well be one neighbour on a quiet night. */
const enough = 50;
