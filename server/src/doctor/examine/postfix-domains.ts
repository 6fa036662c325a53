import { plainDomains } from "../../host/postconf.ts";
import { type Finding, flow, inFile, inNode, ok } from "../finding.ts";
import { ofPostfix, type WatchedPostfix } from "../patient.ts";

const lists = ["mydestination", "relay_domains", "virtual_mailbox_domains", "virtual_alias_domains"];

/** Domains that Postfix takes mail for and the node does not know as its own. */
export const postfixDomains = ofPostfix((postfix, { agent }) => judgeDomains(postfix, agent !== undefined));

/** `isAgent`: the node's `ownDomains` stand on the server, which is not asked. */
export function judgeDomains({ node, name, settings }: WatchedPostfix, isAgent = false): Finding[] {
  const what = `${name} own domains`;
  const known = new Set(node.ownDomains.map((domain) => domain.toLowerCase()));
  const hosts = [settings.get("myhostname"), settings.get("myorigin")].map((name) => name.toLowerCase());
  const unknown = lists.flatMap((list) =>
    plainDomains(settings.get(list))
      .map((domain) => domain.toLowerCase())
      // Mail to the host's own name is the host's own post: nobody counts it as inbound.
      .filter((domain) => !known.has(domain) && !hosts.includes(domain))
      .map((domain) => ({ list, domain })),
  );
  const named = [...new Set(unknown.map(({ domain }) => domain))];
  if (named.length > 0) {
    const some = `${named.slice(0, 5).join(", ")}${named.length > 5 ? ` and ${named.length - 5} more` : ""}`;
    if (isAgent)
      return [
        {
          verdict: "note",
          what,
          says: `Postfix takes mail for ${some}: whether the server's ownDomains name them is not known here`,
          why: "Mail to a domain that is not named there counts as outbound.",
          mend: inFile(`mailtide.yaml of the server, in the node ${node.id}`, `ownDomains: ${flow(named)}`),
        },
      ];
    return [
      {
        verdict: "missing",
        what,
        says: `${[...new Set(unknown.map(({ list }) => list))].join(" and ")} ${named.length === 1 ? "names" : "name"} ${some}, which ownDomains does not`,
        why: "Mail to them counts as outbound: what comes in is not told from what goes out, and forged senders of these domains are not seen.",
        mend: inNode(node.id, `ownDomains: ${flow([...node.ownDomains, ...named])}`),
      },
    ];
  }
  const tables = lists.filter((list) => /\w:\S/.test(settings.get(list)));
  if (isAgent && tables.length === 0) return [];
  if (known.size === 0 && tables.length === 0) {
    const why = "Without them nothing is inbound, and forged senders are not seen.";
    return [
      {
        verdict: "missing",
        what,
        says: "ownDomains is empty",
        why,
        mend: inNode(node.id, "ownDomains: [example.org]"),
      },
    ];
  }
  if (tables.length === 0) return [ok(what, "ownDomains names every domain that Postfix takes mail for")];
  return [
    {
      verdict: "note",
      what,
      says: `${tables.join(" and ")} ${tables.length === 1 ? "is a table" : "are tables"}: whether ownDomains names all of it was not compared`,
      why: "Mail to a domain that is not named counts as outbound.",
    },
  ];
}
