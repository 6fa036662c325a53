/** What a receiver wants to know while a client speaks. */
export interface Receives {
  /** Whether mail for this recipient is taken at all. */
  takes(recipient: string): boolean;
  /** The beginning of a mail for a recipient that was taken: whether it is ours. */
  mail(recipient: string, beginning: string): boolean;
}

/**
 * One SMTP conversation (RFC 5321) as a machine that is given bytes and answers with text: one message at a time, one
 * recipient, and of its text no more than `keptBytes` is kept. Null after an answer means that the conversation is over.
 */
export class Conversation {
  readonly #receives: Receives;
  #pending = "";
  #greeted = false;
  #hasSender = false;
  #recipient: string | null = null;
  /** What is kept of the mail that is being received; null between mails. */
  #mail: { text: string; bytes: number } | null = null;
  #commands = 0;
  #over = false;

  constructor(receives: Receives) {
    this.#receives = receives;
  }

  get isOver(): boolean {
    return this.#over;
  }

  greeting(): string {
    return "220 mailtide ESMTP round trip probes only\r\n";
  }

  /** `text`: the bytes as Latin-1. Gives what to answer, possibly nothing yet. */
  hear(text: string): string {
    this.#pending += text;
    let answers = "";
    while (!this.#over) {
      const answer = this.#mail === null ? this.#nextCommand() : this.#nextOfMail(this.#mail);
      if (answer === null) break;
      answers += answer === "" ? "" : `${answer}\r\n`;
    }
    return answers;
  }

  #nextCommand(): string | null {
    const end = this.#pending.indexOf("\n");
    if (end < 0 && this.#pending.length <= longestLine) return null;
    if (end < 0 || end > longestLine) return this.#end("500 5.5.2 Line too long");
    const line = this.#pending.slice(0, end).replace(/\r$/, "");
    this.#pending = this.#pending.slice(end + 1);
    if (++this.#commands > mostCommands) return this.#end("421 4.7.0 Too many commands");
    return this.#command(line);
  }

  #command(line: string): string {
    const verb = /^[A-Za-z]{4}/.exec(line)?.[0].toUpperCase() ?? "";
    switch (verb) {
      case "EHLO":
        this.#forget();
        this.#greeted = true;
        return `250-mailtide\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE ${largestMail}`;
      case "HELO":
        this.#forget();
        this.#greeted = true;
        return "250 mailtide";
      case "MAIL":
        if (!this.#greeted) return "503 5.5.1 Say EHLO first";
        if (!/^MAIL FROM:/i.test(line)) return "501 5.5.4 MAIL FROM:<address>";
        this.#forget();
        this.#hasSender = true;
        return "250 2.1.0 Ok";
      case "RCPT":
        return this.#rcpt(line);
      case "DATA":
        if (this.#recipient === null) return "503 5.5.1 No recipient";
        this.#mail = { text: "", bytes: 0 };
        return "354 End with <CR><LF>.<CR><LF>";
      case "RSET":
        this.#forget();
        return "250 2.0.0 Ok";
      case "NOOP":
        return "250 2.0.0 Ok";
      case "QUIT":
        return this.#end("221 2.0.0 Bye");
      default:
        return "502 5.5.1 Not known here";
    }
  }

  #rcpt(line: string): string {
    if (!this.#hasSender) return "503 5.5.1 No sender";
    const recipient = /^RCPT TO:\s*<([^<>\s]{1,320})>/i.exec(line)?.[1];
    if (recipient === undefined) return "501 5.5.4 RCPT TO:<address>";
    if (!this.#receives.takes(recipient)) return "550 5.1.1 Not a probe that is under way";
    if (this.#recipient !== null) return "452 4.5.3 One recipient at a time";
    this.#recipient = recipient;
    return "250 2.1.5 Ok";
  }

  /** Takes in what there is of the mail, without looking for its end over and over. */
  #nextOfMail(mail: { text: string; bytes: number }): string | null {
    const isStart = mail.bytes === 0;
    const end = isStart && this.#pending.startsWith(".\r\n") ? -2 : this.#pending.indexOf("\r\n.\r\n");
    // The end mark may be cut in two: its beginning waits for the rest.
    const upTo = end === -1 ? Math.max(0, this.#pending.length - 4) : Math.max(0, end + 2);
    mail.text += this.#pending.slice(0, Math.max(0, Math.min(upTo, keptBytes - mail.text.length)));
    mail.bytes += upTo;
    this.#pending = this.#pending.slice(upTo);
    if (mail.bytes > largestMail) return this.#end("552 5.3.4 Too large for a probe");
    if (end === -1) return null;
    this.#pending = this.#pending.slice(3);
    const recipient = this.#recipient ?? "";
    this.#forget();
    return this.#receives.mail(recipient, mail.text)
      ? "250 2.0.0 Back"
      : "550 5.7.1 Not the mail that was sent: its proof is missing";
  }

  #forget(): void {
    this.#mail = null;
    this.#recipient = null;
    this.#hasSender = false;
  }

  #end(answer: string): string {
    this.#over = true;
    this.#pending = "";
    return answer;
  }
}

const longestLine = 2_048;
const mostCommands = 200;
/** The proof stands in the header, which mail systems on the way make longer but not this long. */
const keptBytes = 64 * 1024;
const largestMail = 1024 ** 2;
