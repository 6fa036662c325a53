/** Lines of the kinds that the quick readers know, in each form that they know. For their test. */
const headed = (program: string, ...texts: string[]): string[] =>
  texts.map((text) => `Nov 18 11:00:00 mx1.shop.example ${program}: ${text}`);

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
    ...headed("postfix/postsuper[2099]", "3dNbxr1hSmzZ7x4: removed"),
    ...headed("postfix-out/smtp-slow/smtp[2045]", "3dNbxr1hSmzZ7x4: removed", `connect from ${client}`),
    ...headed(
      "postfix/smtp[2045]",
      "3dNbxr2yHwzZ7x8: to=<w.335@far.example>, relay=127.0.0.1[127.0.0.1]:10024, delay=0.37, delays=0.04/0/0/0.34, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 3dNbxr5HDPzZ7x9)",
      "4F1A2B3C4D: to=<w.335@far.example>, orig_to=<all@shop.example>, relay=mx.far.example[2001:db8::25]:25, conn_use=3, delay=12, delays=0.04/0/1.2/11, dsn=2.0.0, status=sent (250 OK id=1xVaVV-0008Jp-39)",
      "4F1A2B3C4D: to=<w.335@far.example>, relay=none, delay=3601, delays=3600/0.01/1/0, dsn=4.4.1, status=deferred (connect to mx.far.example[192.0.2.9]:25: Connection refused)",
      "4F1A2B3C4D: to=<w.335@far.example>, relay=mx.far.example[192.0.2.9]:25, delay=3, delays=1/0.01/1/0, dsn=5.1.1, status=bounced (host mx.far.example[192.0.2.9] said: 550 5.1.1 no such user (in reply to RCPT TO command))",
      "4F1A2B3C4D: to=<b@shop.example>, relay=filter[private/filter], delay=3, delays=1/0.01/1/0, dsn=2.0.0, status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 5A1B2C3D4E)",
      "4F1A2B3C4D: to=<b@shop.example>, relay=local, delay=0.1, delays=0/0/0/0.1, dsn=2.0.0, status=sent (forwarded as 5A1B2C3D4E)",
    ),
  ],
};
