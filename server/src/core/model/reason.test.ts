import { expect, test } from "vitest";
import { classifyReason } from "./reason.ts";

test.each([
  ["host mx.example.net[192.0.2.1] said: 452 Mailbox size limit exceeded", "4.0.0", "mailbox-full"],
  ["host mx.example.net[192.0.2.1] said: 452 4.3.0 The user has reached the mailbox quota", "4.3.0", "mailbox-full"],
  ["host mx.example.net[192.0.2.1] said: 450 4.1.1 mailbox temporarily full", "4.1.1", "mailbox-full"],
  ["connect to mx.example.net[private/lmtp]: No such file or directory", undefined, "local-resource"],
  ["Domain example.net does not accept mail (nullMX)", "5.1.0", "policy"],
  ["TLSA lookup error for mx.example.net:25", "4.7.5", "tls"],
  ["cannot update mailbox /var/mail/a for user a. error writing message: Disk quota exceeded", "4.2.0", "mailbox-full"],
  [
    "host mx.example.net[192.0.2.1] said: 450-4.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages from being delivered.",
    "4.2.1",
    "rate-limit",
  ],
  [
    "host mx.example.net[192.0.2.1] said: 451 4.7.500 Server busy. Please try again later from [192.0.2.2].",
    "4.7.500",
    "rate-limit",
  ],
  ["all relevant MX records point to non-existent hosts", undefined, "dns"],
  ["Deferred: Name server: mx.example.net.: host name lookup failure", "4.0.0", "dns"],
  ['failed to expand ACL string "x": lookup of "y" gave DEFER: MYSQL connection failed', undefined, "lookup"],
  [
    'PGSQL connection failed: connection to server at "127.0.0.1", port 21146 failed: Connection refused',
    undefined,
    "lookup",
  ],
  ["MYSQL connection failed: Can't connect to server on '127.0.0.1' (115)", undefined, "lookup"],
  ["failed to bind the LDAP connection to server 127.0.0.1:1 - ldap_bind() returned -1", undefined, "lookup"],
  ['invalid "condition" value "maybe"', undefined, "local-resource"],
  ["cannot verify recipient in ACL for MAIL", undefined, "local-resource"],
  ["spool directory space check failed: space=77765376 inodes=16203209", undefined, "local-resource"],
  ["Network error on destination MXs", undefined, "unreachable"],
  ["connect to mx.example.net[192.0.2.1]:25: Connection refused", "4.4.1", "connect-refused"],
  ["Tried all MXs: Failed to get socket: connect ECONNREFUSED 192.0.2.1:25", undefined, "connect-refused"],
  [
    "Tried all MXs: Remote end mx.example.net:25 closed connection while we were processing mail. Trying next MX.",
    undefined,
    "conversation-timeout",
  ],
  [
    "host mx.google.example[192.0.2.1] said: 421-4.7.0 Try again later, closing connection. (EHLO)",
    "4.7.0",
    "rate-limit",
  ],
  [
    "SMTP error from remote mail server after initial connection: 421-4.7.0 [198.51.100.1      15] Try again later, closing connection.",
    undefined,
    "rate-limit",
  ],
  [
    "host mx.google.example[192.0.2.1] said: 451-4.3.0 Temporary system problem. Try again later",
    "4.3.0",
    "rate-limit",
  ],
  ["451-4.3.0 Mail server temporarily rejected message.", "4.3.0", "rate-limit"],
  ['lookup of host "mx.example.net" failed to complete', undefined, "dns"],
  ['lookup of host "mx.example.net" failed in dnslookup router', undefined, "dns"],
  ["Remote host mx.far.test [192.0.2.1] closed connection in response to MAIL FROM", undefined, "conversation-timeout"],
  ["Could not retrieve credentials", undefined, "local-resource"],
  ["domain is held", undefined, "local-resource"],
  ["SMTP delivery explicitly queued", undefined, "local-resource"],
  ["transport filter process failed (99)", undefined, "local-resource"],
  ["domain is in queue_domains", undefined, "local-resource"],
  ["first-pass only routing due to -odqs, queue_smtp_domains or control=queue", undefined, "local-resource"],
  ["missing MX, or all MXs point to missing A records, and defer requested", undefined, "dns"],
  ["Child process of dovecot_lda transport timed out while running command", undefined, "local-resource"],
  ["smtp transport process returned non-zero status 0x000b: terminated by signal 11", undefined, "local-resource"],
  ["No valid route to remote MX", undefined, "unreachable"],
  ["host lookup deferred", undefined, "dns"],
  ["Failed to connect to socket /run/store.sock for lmtp transport: Connection refused", undefined, "local-resource"],
  [
    "Tainted '/var/mail/anna' (file or directory name for maildir transport) not permitted",
    undefined,
    "local-resource",
  ],
  ["Tainted filename for search: '/etc/mail/own.example'", undefined, "local-resource"],
  ["attempt to use tainted host list 'mx.far.example' from 'mx' in transport remote_smtp", undefined, "local-resource"],
  ['redis server "127.0.0.1/0" is tainted', undefined, "local-resource"],
  ["client TLS configuration problem", "4.7.5", "local-resource"],
  ['error in redirect data: ":fail: gone" is not permitted', undefined, "local-resource"],
  ['failed to expand "${lookup}": unknown item', undefined, "local-resource"],
  ["lookup deferred: connection to the database was lost", undefined, "lookup"],
  [
    "SASL authentication failed; cannot authenticate to server relay.example.net[192.0.2.1]: no mechanism available",
    "4.7.0",
    "local-resource",
  ],
  ["SASL authentication failed; server relay.example.net[192.0.2.1] said: 535 5.7.8 bad password", "5.7.8", "other"],
  ["host mx.example.net[192.0.2.1] said: 421 your address 1.2.3.4 is not welcome", undefined, "other"],
  ["connect to mx.example.net[192.0.2.1]:25: Connection timed out", "4.4.1", "connect-timeout"],
  ["connect to mx.example.net[2001:db8::1]:25: Network is unreachable", "4.4.1", "unreachable"],
  ["connect to mx.example.net[192.0.2.1]:25: No route to host", "4.4.1", "unreachable"],
  [
    "conversation with mx.example.net[192.0.2.1] timed out while receiving the initial server greeting",
    "4.4.2",
    "conversation-timeout",
  ],
  ["lost connection with mx.example.net[192.0.2.1] while sending RCPT TO", "4.4.2", "conversation-timeout"],
  [
    "Host or domain name not found. Name service error for name=example.net type=MX: Host not found, try again",
    "4.4.3",
    "dns",
  ],
  [
    "delivery temporarily suspended: connect to 127.0.0.1[127.0.0.1]:2526: Connection refused",
    "4.4.1",
    "connect-refused",
  ],
  ["TLS is required, but was not offered by host mx.example.net[192.0.2.1]", "4.7.4", "tls"],
  ["Server certificate not verified", "4.7.5", "tls"],
  [
    "host mx.example.net[192.0.2.1] said: 450 4.2.0 <a@example.net>: Recipient address rejected: Greylisted, see http://example.net (in reply to RCPT TO command)",
    "4.2.0",
    "greylist",
  ],
  [
    "host mx.example.net[192.0.2.1] said: 421 4.7.28 Our system has detected an unusual rate of mail (in reply to end of DATA command)",
    "4.7.28",
    "rate-limit",
  ],
  ["host mx.example.net[192.0.2.1] refused to talk to me: 421 4.7.0 Too many connections", "4.7.0", "rate-limit"],
  ["host mx.example.net[192.0.2.1] said: 452 4.2.2 The email account is over its quota", "4.2.2", "mailbox-full"],
  [
    "host mx.example.net[192.0.2.1] said: 554 5.7.1 Service unavailable; Client host [192.0.2.9] blocked using zen.example",
    "5.7.1",
    "policy",
  ],
  ["host mx.example.net[192.0.2.1] said: 554 5.6.0 message content rejected", "5.6.0", "content"],
  ["host mx.example.net[192.0.2.1] said: 451 4.3.0 <b@example.net>: Temporary lookup failure", "4.3.0", "lookup"],
  ["mail for example.net loops back to myself", "5.4.6", "dns"],
  ["lowest numbered MX record points to local host", undefined, "dns"],
  ["remote host address is the local host", undefined, "other"],
  ["MX list for example.net. points back to mx.own.example", undefined, "dns"],
  ["553 5.3.5 mx.own.example. config error: mail loops back to me (MX problem?)", "5.3.5", "dns"],
  ["Local configuration error", "5.3.5", "local-resource"],
  ["host mx.example.net[192.0.2.1] said: 553 5.4.6 mail for example.net loops back to myself", "5.4.6", "other"],
  ["mail forwarding loop for a@example.net", "5.4.6", "other"],
  ["host mx.example.net[192.0.2.1] said: 554 5.4.6 Error: too many hops", "5.4.6", "other"],
  ["Too many hops 26 (25 max)", undefined, "other"],
  ["mail transport unavailable", "4.3.0", "local-resource"],
  ["user lookup error", "4.3.0", "lookup"],
  ["alias database unavailable", "4.3.0", "lookup"],
  ["host mx.example.net[192.0.2.1] said: 451 try again later", undefined, "other"],
  ["", undefined, "other"],
] as const)("%s is %s %s", (reason, dsn, expected) => {
  expect(classifyReason(reason, dsn)).toBe(expected);
});

test("the far side cannot choose the class of a connection failure by its words", () => {
  const reason = "host mx.example.net[192.0.2.1] said: 550 5.1.1 Connection refused by user preference";
  expect(classifyReason(reason, "5.1.1")).toBe("other");
});

test("the code in the text counts when none is stated", () => {
  expect(classifyReason("host a.example[192.0.2.1] said: 452 4.2.2 no more room")).toBe("mailbox-full");
});

test("an address is not taken for a code", () => {
  expect(classifyReason("something odd at 5.2.2.1")).toBe("other");
});

test("a giant reason takes no time to speak of", () => {
  expect(classifyReason("x".repeat(5_000_000))).toBe("other");
});
