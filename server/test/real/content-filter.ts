import { handOver, speakSmtp } from "./smtp-client.ts";
import { type RunningSmtpServer, startSmtpServer } from "./smtp-server.ts";

export interface ContentFilterOptions {
  /** Where clean mail is given back. */
  readonly returnPort: () => number;
  /** So long each message is looked at. */
  readonly milliseconds?: number;
  /** What is said once it was given back; `answer` is what was said to us then. */
  readonly say: (answer: string) => string;
}

/** A content filter as Postfix' FILTER_README has it: SMTP in, SMTP back. */
export async function startContentFilter(options: ContentFilterOptions): Promise<RunningSmtpServer> {
  return startSmtpServer({
    async message({ from, to, text }) {
      await new Promise((resolve) => setTimeout(resolve, options.milliseconds ?? 0));
      const answers = await speakSmtp(options.returnPort(), handOver(from, to, text));
      // Greeting, EHLO, MAIL, one for each RCPT, DATA, then the one to the message.
      return options.say(answers[4 + to.length] ?? "451 4.3.0 no answer");
    },
  });
}
