import { b, n, noun, say } from "../say.ts";

/** Said where a site has several. */
export interface OfMta {
  readonly mta?: string;
}
const aside = (words: string): string => (words === "" ? "" : ` (${words})`);
const ofMta = ({ mta = "" }: OfMta): string => aside(mta);

/** What to do. The words say what the command does before it is copied. */
export const actions = {
  "action.cancel-statement": (p: { session: string; dependency: string }) =>
    say`Cancel the statement of session ${b(p.session)} on ${p.dependency}`,
  "action.end-session": (p: { session: string; dependency: string }) =>
    say`End session ${b(p.session)} on ${p.dependency}; its transaction is rolled back`,
  "action.end-blocker": (p: { session: string; dependency: string }) =>
    say`End the blocking session ${b(p.session)} on ${p.dependency}; its transaction is rolled back`,
  "action.show-locks": (p: { dependency: string }) => say`Show who blocks whom on ${p.dependency}`,
  "action.show-sessions": (p: { dependency: string }) => say`Show the sessions of ${p.dependency} by client and state`,
  "action.check-server": (p: { dependency: string }) =>
    say`Look at the server of ${p.dependency}: load, disk, and whether its process is stopped`,
  "action.show-writes": (p: { dependency: string }) =>
    say`Show whether ${p.dependency} is a copy or set to read only; then look at its disk and memory`,
  "action.show-replication": (p: { dependency: string }) =>
    say`Show who copies from whom on ${p.dependency}, and how far`,
  "action.check-network": () =>
    say`Check the way out: routes, firewall and source addresses for port 25, and what was changed there`,
  "action.check-own-tls": () =>
    say`Check our certificate and its chain, the list of authorities, TLS settings and the clock of the mail hosts`,
  "action.check-resolver": () => say`Check the resolvers that the mail hosts use, and their way out`,
  "action.renew-certificate": (p: { dependency: string }) =>
    say`Renew the certificate of ${p.dependency} and reload the service that shows it`,
  "action.show-queue": (p: OfMta) => say`Show the queue by age and destination${ofMta(p)}`,
  "action.flush-staged": (p: { count: number } & OfMta) =>
    say`Flush the retries in stages, ${n(p.count)} ${noun(p.count, "message")} at a time${ofMta(p)}`,
  "action.flush-destination": (p: { destination: string }) => say`Try everything for ${b(p.destination)} again now`,
  "action.check-mta": (p: OfMta) => say`Check that the mail system runs and what it complains about${ofMta(p)}`,
  "action.refuse-own-senders": (p: { by: string }) =>
    say`Refuse outside mail whose sender is one of our own addresses${aside(p.by)}`,
  "action.refuse-not-bounce": () => say`Refuse during SMTP instead of accepting and bouncing: halves the attack’s load`,
  "action.show-restrictions": (p: OfMta) => say`Show what is refused now, and where${ofMta(p)}`,
  "action.limit-connections": (p: { by: string }) =>
    say`Turn new sources away before they reach a mail process${aside(p.by)}`,
  "action.check-collectors": () =>
    say`Find out what they are missing: the network between, or the server’s own name or token`,
  "action.check-collector": (p: { collector: string }) => say`Find out what ${b(p.collector)} is missing`,
  "action.one-agent": (p: { node: string }) =>
    say`Stop one of the agents that use the token of ${b(p.node)}; a second host needs a node and a token of its own`,
  "action.log-kept": () => say`See what rotates, empties or deletes this log, and how long it keeps what was rotated`,
  "action.log-rate": () => say`Raise the logger’s rate limit (journald RateLimitBurst, rsyslog imuxsock)`,
};
