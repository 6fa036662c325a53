/**
 * Words of the mail system itself, which nobody chooses: daemons and transports of Postfix's master.cf, and what it writes
 * where there is no name.
 */
const known = new Set(
  (
    "postfix smtp smtpd smtps submission submissions lmtp local virtual pipe relay none unknown localhost error retry discard " +
    "bounce defer trace verify cleanup qmgr oqmgr nqmgr pickup postsuper postqueue postscreen dnsblog tlsproxy proxymap proxywrite " +
    "trivial-rewrite rewrite anvil scache flush showq spawn master postmap postalias postdrop sendmail postlog postlogd " +
    "qmqpd qmqp policyd-spf policy-spf tlsmgr uucp dovecot amavis amavisfeed filter scan rsyslogd systemd-journald journal exim exim4"
  ).split(" "),
);

export const isKnownWord = (word: string): boolean => known.has(word);
