import { dependency, type Finding, ok } from "../finding.ts";
import { freeId } from "../free-id.ts";
import { ofPostfix, type Patient, type WatchedPostfix } from "../patient.ts";

type Dependencies = Pick<Patient["config"], "dependencies">;

/** Whom Postfix asks while a client waits: milters, block lists, and what it shows them: its certificate. */
export const postfixNeighbours = ofPostfix((postfix, config) => [
  ...judgeMilters(postfix, config),
  ...judgeBlocklists(postfix, config),
  ...judgeCertificate(postfix, config),
]);

export function judgeMilters({ node, name, settings }: WatchedPostfix, { dependencies }: Dependencies): Finding[] {
  const lists = [settings.get("smtpd_milters"), settings.get("non_smtpd_milters")];
  for (const { overrides } of settings.services) lists.push(overrides.get("smtpd_milters") ?? "");
  const milters = [...new Set(lists.flatMap((list) => list.match(/\b(?:inet6?|unix|local):[^\s,{}]+/g) ?? []))];
  const what = `${name} milters`;
  return milters.flatMap((milter): Finding[] => {
    const entry = entryFor(milter, node.id, dependencies);
    const isWatched = dependencies.some((each) => {
      if (each.type === "filter") return entry === null || !("kind" in entry) || entry.kind === each.kind;
      return each.type === "tcp" && entry !== null && "port" in entry && entry.port === each.port;
    });
    if (isWatched) return [ok(what, `${milter} is watched`)];
    const says = `${milter} is asked about every mail, and no dependency watches it`;
    const why =
      "A milter that hangs holds every client at the end of its data; Postfix says so only after minutes, and not which.";
    return [{ verdict: "missing", what, says, why, ...(entry === null ? {} : { mend: dependency(entry) }) }];
  });
}

/** Known ones by name or by their usual port; another one by its port; of an unknown socket nothing can be asked. */
function entryFor(milter: string, node: string, taken: Dependencies["dependencies"]) {
  const affects = [node];
  const { host, port } = addressOf(milter);
  const kind =
    /rspamd/.test(milter) || port === 11_332
      ? "rspamd"
      : /clam/.test(milter)
        ? "clamd"
        : /spamass/.test(milter)
          ? "spamd"
          : null;
  const id = freeId(taken, kind ?? "milter");
  if (kind !== null) return { id, type: "filter", kind, host, affects };
  return port === null ? null : { id, type: "tcp", host, port, affects };
}

/** Postfix writes `inet:host:port`, Sendmail's way is `inet:port@host`. */
function addressOf(milter: string): { readonly host: string; readonly port: number | null } {
  const sendmail = /^inet6?:(\d+)@(.+)$/.exec(milter);
  if (sendmail !== null) return { host: sendmail[2] ?? "", port: Number(sendmail[1]) };
  const postfix = /^inet6?:\[?([^\]]+?)\]?:(\d+)$/.exec(milter);
  return { host: postfix?.[1] ?? "127.0.0.1", port: postfix === null ? null : Number(postfix[2]) };
}

const restrictions = /^(?:smtpd|submission|smtps)_\w*restrictions$|^postscreen_dnsbl_sites$/;

export function judgeBlocklists({ node, name, settings }: WatchedPostfix, { dependencies }: Dependencies): Finding[] {
  const text = settings.names
    .filter((name) => restrictions.test(name))
    .map((name) =>
      name === "postscreen_dnsbl_sites"
        ? settings.get(name).replace(/(^|[\s,]+)(?=[a-z0-9])/gi, " reject_rbl_client ")
        : settings.get(name),
    )
    .join(" ");
  const lists = [...text.matchAll(/\breject_(rbl|rhsbl)_\w+\s+([a-z0-9-]+(?:\.[a-z0-9-]+)+)/gi)];
  if (lists.length === 0) return [];
  const what = `${name} block lists`;
  const names = [...new Set(lists.map(([, , zone = ""]) => zone.toLowerCase()))];
  if (dependencies.some(({ type }) => type === "dns"))
    return [ok(what, "a dns dependency watches the resolver that they need")];
  const addressLists = [
    ...new Set(lists.filter(([, kind]) => kind === "rbl").map(([, , zone = ""]) => zone.toLowerCase())),
  ];
  return [
    {
      verdict: "missing",
      what,
      says: `every client is looked up at ${names.slice(0, 4).join(", ")}${names.length > 4 ? ` and ${names.length - 4} more` : ""}, and no dns dependency is configured`,
      why: "A resolver that hangs delays every connection by seconds for each list; a list that no longer answers lets everything in or out.",
      mend: dependency({
        id: freeId(dependencies, "resolver"),
        type: "dns",
        // The entry that every list of addresses has for tests (RFC 5782, section 5).
        names:
          addressLists.length > 0
            ? addressLists.slice(0, 5).map((zone) => ({ name: `2.0.0.127.${zone}`, record: "A" }))
            : [{ name: "gmail.com", record: "MX" }],
        affects: [node.id],
      }),
    },
  ];
}

export function judgeCertificate({ node, name, settings }: WatchedPostfix, { dependencies }: Dependencies): Finding[] {
  const file = settings.get("smtpd_tls_chain_files") || settings.get("smtpd_tls_cert_file");
  const isOn = settings.get("smtpd_tls_security_level") !== "" || settings.get("smtpd_use_tls") === "yes";
  // The one that Debian makes for every host is nobody's promise to a client.
  if (!isOn || file === "" || file === "none" || file.includes("snakeoil")) return [];
  const what = `${name} certificate`;
  if (dependencies.some(({ type }) => type === "certificate"))
    return [ok(what, "a certificate dependency looks at what clients are shown")];
  return [
    {
      verdict: "missing",
      what,
      says: `TLS is offered with ${file}, and no certificate dependency is configured`,
      why: "The day it ends, senders that insist on TLS stop, and mail programs complain to your customers; two weeks before it is a ticket.",
      mend: dependency({
        id: freeId(dependencies, "mx-certificate"),
        type: "certificate",
        host: settings.get("myhostname"),
        affects: [node.id],
      }),
    },
  ];
}
