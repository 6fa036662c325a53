/** Every filter knows it as spam (GTUBE). */
export const gtube = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X";

/** A whole mail from s@sender.test to r@own.test. */
export const letter = (messageId: string, body: string): string =>
  `From: <s@sender.test>\r\nTo: <r@own.test>\r\nSubject: a letter\r\nDate: Mon, 23 Nov 2026 20:00:00 +0000\r\nMessage-ID: <${messageId}>\r\n\r\n${body}`;
