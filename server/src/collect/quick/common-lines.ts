/** Lines of the kinds that the quick readers know, in each form that they know. For their test. */
const headed = (program: string, ...texts: string[]): string[] =>
  texts.map((text) => `Nov 18 11:00:00 mx1.shop.example ${program}: ${text}`);

/** As rsyslog writes them to files, and as they come from the journal. */
const isoHeaded = (text: string): string[] =>
  ["2026-11-18T11:00:00.416254+01:00", "2026-11-18T10:00:00.416Z", "2026-11-18T10:00:01+0000"].map(
    (time) => `${time} mx1.shop.example postfix/qmgr[2003]: ${text}`,
  );

const client = "mail1.birch-media-12.example[244.116.55.129]";
const session = "from=<a.b@far.example> to=<info@shop.example> proto=ESMTP helo=<mail.far.example>";

export const commonLines = {
  postfix: [
    ...headed(
      "postfix/smtpd[2012]",
      `connect from ${client}`,
      "connect from unknown[2001:db8::1:0:7]",
      "connect from unknown[unknown]",
      `disconnect from ${client} ehlo=1 mail=1 rcpt=0/1 quit=1 commands=3/4`,
      `3dNbxr1hSmzZ7x4: client=${client}`,
      `3dNbxr1hSmzZ7x4: client=${client}:41022`,
      "4F1A2B3C4D: client=localhost[127.0.0.1], orig_queue_id=3dNbxr2yHwzZ7x8, orig_client=gw.shop.example[254.236.202.21]",
      `NOQUEUE: reject: RCPT from unknown[246.54.4.4]: 554 5.7.1 Service unavailable; Client host [246.54.4.4] blocked using bl.lists.example; ${session}`,
      `NOQUEUE: reject: RCPT from unknown[246.54.4.4]: 450 4.7.1 <info@shop.example>: Recipient address rejected: Greylisted, see http://far.example/; ${session}`,
      `3dNbxr1hSmzZ7x4: reject: DATA from ${client}: 550 5.5.3 <DATA>: Data command rejected: Multi-recipient bounce; ${session}`,
    ),
    ...headed(
      "postfix/submission/smtpd[2033]",
      "3dNbxr2Fh2zZ7x6: client=gw.shop.example[255.52.122.21], sasl_method=PLAIN, sasl_username=fatima@shop.example",
    ),
    ...headed(
      "postfix/cleanup[2024]",
      "3dNbxr1hSmzZ7x4: message-id=<ho5yld0i.17q2@mail1.far.example>",
      "4F1A2B3C4D: message-id=bare@far.example",
    ),
    ...headed(
      "postfix/qmgr[2003]",
      "3dNbxr1hSmzZ7x4: from=<elif.24@far.example>, size=8435, nrcpt=1 (queue active)",
      "4F1A2B3C4D: from=<>, size=100803, nrcpt=12 (queue active)",
      "3dNbxr1hSmzZ7x4: removed",
    ),
    ...isoHeaded("3dNbxr1hSmzZ7x4: removed"),
    ...headed("postfix/postsuper[2099]", "3dNbxr1hSmzZ7x4: removed"),
    ...headed("postfix-out/smtp-slow/smtp[2045]", "3dNbxr1hSmzZ7x4: removed", `connect from ${client}`),
    ...headed(
      "postfix/smtp[2045]",
      "3dNbxr2yHwzZ7x8: to=<w.335@far.example>, relay=127.0.0.1[127.0.0.1]:10024, delay=0.37, delays=0.04/0/0/0.34, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 3dNbxr5HDPzZ7x9)",
      "4F1A2B3C4D: to=<w.335@far.example>, orig_to=<all@shop.example>, relay=mx.far.example[2001:db8::25]:25, conn_use=3, delay=12, delays=0.04/0/1.2/11, dsn=2.0.0, status=sent (250 OK id=1xVaVV-0008Jp-39)",
      "4F1A2B3C4D: to=<w.335@far.example>, relay=none, delay=3601, delays=3600/0.01/1/0, dsn=4.4.1, status=deferred (connect to mx.far.example[192.0.2.9]:25: Connection refused)",
      "4F1A2B3C4D: to=<w.335@far.example>, relay=mx.far.example[192.0.2.9]:25, delay=3, delays=1/0.01/1/0, dsn=5.1.1, status=bounced (host mx.far.example[192.0.2.9] said: 550 5.1.1 no such user (in reply to RCPT TO command))",
      "4F1A2B3C4D: to=<b@shop.example>, relay=filter[private/filter], delay=3, delays=1/0.01/1/0, dsn=2.0.0, status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 5A1B2C3D4E)",
      "4F1A2B3C4D: to=<w.335@far.example>, relay=mx.far.example[192.0.2.9]:25, delay=3, delays=1/0.01/1/0, tls=dane, dsn=4.3.0, status=deferred (lost connection)",
      "4F1A2B3C4D: to=<b@shop.example>, relay=local, delay=0.1, delays=0/0/0/0.1, dsn=2.0.0, status=sent (forwarded as 5A1B2C3D4E)",
    ),
  ],
  exim: [
    "SMTP connection from [203.0.179.10]:50975 (TCP/IP connection count = 7)",
    "SMTP connection from [2001:db8::7]:50975 (TCP/IP connection count = 17)",
    "H=out-23.post.example [203.0.179.10]:33886 F=<l@post.example> rejected RCPT <hr@shop.example>: Message rejected because out-23.post.example [203.0.179.10] is in a black list at bl.lists.example",
    "H=(win pc) [203.0.179.10] X=TLS1.3:AES_256_GCM:256 CV=no F=<> rejected RCPT <hr@shop.example>: relay not permitted",
    "H=post.example (mail.post.example) [203.0.179.10]:33886 P=esmtps A=plain:a@b F=<l@post.example> rejected RCPT <hr@shop.example>: 550 no such user",
    "1ViMYi-000001-01 <= accounts@post.example H=out-15.post.example [203.0.241.10]:56792 P=esmtps X=TLS1.3:ECDHE_X25519__RSA_PSS_RSAE_SHA256__AES_256_GCM:256 CV=no S=62963 id=1.3865@out-15.post.example",
    "1ViMYi-000001-01 <= a@post.example H=post.example (mail.post.example) [2001:db8::1]:56792 I=[192.0.2.1]:25 P=esmtpsa K X=TLS1.3:AES_256_GCM:256 CV=no A=plain_login:anna@post.example S=62963 RT=0.11s id=1.3865@post.example for ben@shop.example c@far.example",
    "1ViMYi-000001-01 <= <> H=[203.0.241.10] P=smtp S=12",
    "1ViMYi-000001-01 <= root@shop.example U=root P=local S=512",
    '1ViMYi-00000000001-0001 => kagiso@far.example R=dnslookup T=remote_smtp H=mail.far.example [198.19.0.7]:25 X=TLS1.3:AES_256_GCM:256 CV=yes K C="250 2.0.0 Ok: queued as 4444444441" QT=1m2s DT=0.2s',
    '1ViMYi-000001-01 -> kagiso@far.example F=<accounts@post.example> R=dnslookup T=remote_smtp S=63012 H=mail.far.example [198.19.0.7] C="250 OK id=1xVaVV-0008Jp-39"',
    "1ViMYi-000001-01 => mpho <mpho@shop.example> R=localuser T=local_delivery",
    '1ViMYi-000001-01 => b@far.example <all@shop.example> R=dnslookup T=remote_smtp H=mail.far.example [198.19.0.7] C="250-2.1.5 done"',
    "1ViMYi-000001-01 >> b@far.example R=dnslookup T=remote_smtp H=mail.far.example [198.19.0.7]",
    "1ViMYi-000001-01 Completed",
    "1ViMYi-000001-01 Completed QT=3s",
    "1ViMYi-000001-01 == b@far.example R=dnslookup T=remote_smtp defer (110): Connection timed out",
    "1ViMYi-000001-01 == b@far.example <all@shop.example> F=<a@post.example> R=dnslookup T=remote_smtp defer (-44) H=mail.far.example [198.19.0.7]:25: SMTP error from remote mail server after RCPT TO:<b@far.example>: 450 4.2.1 <b@far.example>: try later",
    "1ViMYi-000001-01 == b@far.example R=dnslookup T=remote_smtp H=mail.far.example [198.19.0.7] defer (-46): SMTP error from remote mail server after end of data: 451-4.7.1 greylisted",
    "1ViMYi-000001-01 == b@far.example R=dnslookup T=remote_smtp defer (-45): SMTP error from remote mail server after MAIL FROM:<a@b>: host mx.far.example [198.19.0.8]: 421",
    "1ViMYi-000001-01 == b@far.example R=dnslookup T=remote_smtp defer (-53): retry time not reached for any host for 'far.example'",
    "1ViMYi-000001-01 == b@far.example R=dnslookup T=remote_smtp defer (110): Connection timed out H=mail.far.example [198.19.0.7]:25 DT=5m: SMTP timeout after end of data",
    "1ViMYi-000001-01 == b@far.example R=dnslookup defer (-1): host lookup did not complete",
    "1ViMYi-000001-01 ** b@far.example R=dnslookup T=remote_smtp H=mail.far.example [198.19.0.7]: SMTP error from remote mail server after RCPT TO:<b@far.example>: 550 5.1.1 no such user",
    '1ViMYi-000001-01 ** b@far.example F=<a@post.example> R=dnslookup T=remote_smtp S=62 H=mail.far.example [198.19.0.7]:25 X=TLS1.3:AES_256_GCM:256 CV=yes DT=0.2s: 554-"no: 5.7.1"',
    "1ViMYi-000001-01 ** b@far.example: Unrouteable address",
    "1ViMYi-000001-01 ** b@far.example R=dnslookup T=remote_smtp H=mail.far.example [198.19.0.7]: SMTP error from remote mail server after RCPT TO:<b@far.example>: 550 5.1.1 no DT=0.2s",
    "1ViMYi-000001-01 => discarded <b@shop.example> R=userforward",
    "1ViMYi-000001-01 ** b@far.example <all@shop.example>: retry timeout exceeded",
    "1ViMYi-000001-01 H=mail.far.example [198.19.0.7]:25 Connection timed out",
    "1ViMYi-000001-01 H=mail.far.example [2001:db8::25] Connection refused",
    "SMTP connection from out-23.post.example (win pc) [203.0.179.10]:50975 I=[192.0.2.1]:25 (TCP/IP connection count = 7)",
    "SMTP connection from out-23.post.example (win-pc) [203.0.179.10]:50975 I=[192.0.2.1]:25 closed by QUIT",
    "SMTP connection from [203.0.179.10] closed by QUIT",
    "login authenticator failed for out-23.post.example (User) [203.0.179.10]:50975: 535 Incorrect authentication data (set_id=anna (x) y)",
    "plain_login authenticator failed for [203.0.179.10]: 535 Incorrect authentication data (set_id=)",
    "no host name found for IP address 203.0.179.10",
    "no host name found for IP address 2001:db8::7",
  ].map((text) => `2013-11-18 11:00:00 ${text}`),
};
