import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Conversation } from "./conversation.ts";
import { addressed, compose, idIn, isProven, newMark } from "./probe-mail.ts";

const to = { mailbox: "mailtide-probe@own.test", delimiter: "+" };
const mark = newMark();
const recipient = addressed(to, mark.id);
const mail = compose(mark, { from: "", to: recipient, host: "here" }, Date.UTC(2026, 0, 2));

function conversation(): Conversation {
  return new Conversation({
    takes: (address) => idIn(to, address) === mark.id,
    mail: (_, beginning) => isProven(mark.digest, beginning),
  });
}

const session = (address: string, text: string): string =>
  `EHLO mx\r\nMAIL FROM:<> SIZE=1\r\nRCPT TO:<${address}>\r\nDATA\r\n${text}\r\n.\r\nQUIT\r\n`;
const codes = (answers: string): string[] => answers.match(/^\d{3}(?= )/gm) ?? [];

test("takes the probe, however its bytes are cut", () => {
  const received = `Received: from a by b;\r\n\tsome day\r\n${mail}`;
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 40 }), (cuts) => {
      const speaks = conversation();
      let [rest, answers, at] = [session(recipient.toUpperCase(), received), "", 0];
      while (rest !== "") {
        const piece = rest.slice(0, cuts[at++ % cuts.length]);
        rest = rest.slice(piece.length);
        answers += speaks.hear(piece);
      }
      expect(codes(answers)).toEqual(["250", "250", "250", "354", "250", "221"]);
    }),
  );
});

test("refuses everybody else's mail, a guessed token and a probe without its proof", () => {
  const refused = (address: string) => codes(conversation().hear(session(address, mail)))[2];
  for (const address of ["mailtide-probe@own.test", "user@own.test", addressed(to, "0".repeat(20)), `${recipient}.x`])
    expect(refused(address)).toBe("550");
  const forged = mail.replace(mark.proof, newMark().proof);
  for (const text of [forged, "", `Subject: x\r\n\r\nMailtide-Probe: ${mark.proof}`])
    expect(codes(conversation().hear(session(recipient, text)))[4]).toBe("550");
});

test("a proof that a mail system has folded is still the proof", () => {
  expect(isProven(mark.digest, mail.replace("Mailtide-Probe: ", "MAILTIDE-PROBE:\r\n\t"))).toBe(true);
});

test("says no to what is out of order, too long and without end", () => {
  const told = (text: string) => codes(conversation().hear(text));
  expect(told("MAIL FROM:<>\r\nRCPT TO:<a@b>\r\nDATA\r\nVRFY x\r\n")).toEqual(["503", "503", "503", "502"]);
  const long = conversation();
  expect(codes(long.hear("x".repeat(5_000)))).toEqual(["500"]);
  expect(long.isOver).toBe(true);
  const busy = conversation();
  expect(codes(busy.hear("NOOP\r\n".repeat(500))).at(-1)).toBe("421");
  const endless = conversation();
  endless.hear(session(recipient, "").slice(0, -10));
  let answers = "";
  for (let times = 0; times < 40; times++) answers += endless.hear("y".repeat(65_536));
  expect(codes(answers).at(-1)).toBe("552");
});

test("bytes of any kind neither break it nor are held", () => {
  const words = fc.constantFrom(
    "EHLO a\r\n",
    "MAIL FROM:<>\r\n",
    `RCPT TO:<${recipient}>\r\n`,
    "DATA\r\n",
    "\r\n.\r\n",
  );
  const noise = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString("latin1"));
  fc.assert(
    fc.property(fc.array(fc.oneof(words, noise), { maxLength: 30 }), (pieces) => {
      const speaks = conversation();
      for (const piece of pieces) expect(speaks.hear(piece).length).toBeLessThan(20_000);
    }),
  );
});
