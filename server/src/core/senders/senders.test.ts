import type { AtSenders, EpochMs } from "@mailtide/shared";
import { expect, test } from "vitest";
import { epochMs, mx } from "../../../test/model/lines.ts";
import type { MailEvent } from "../event.ts";
import { Senders } from "./senders.ts";

const lookupFailed = "<b@own.test>: Recipient address rejected: Temporary lookup failure";
const minutes = (count: number): number => count * 60;

/** Speaks in seconds after the epoch of the tests, of clients in networks of their own. */
class Door {
  readonly senders: Senders;
  #takenIn = 0;

  constructor(senders = new Senders()) {
    this.senders = senders;
  }

  refuse(second: number, client: number, said: Partial<MailEvent> = {}): void {
    const event: MailEvent = {
      event: "reject",
      process: "postfix/smtpd",
      action: "reject",
      stage: "RCPT",
      code: 451,
      dsn: "4.3.0",
      reason: lookupFailed,
      clientIp: ipOf(client),
      from: `a${client}@far.test`,
      to: "b@own.test",
      reject: true,
      ...said,
    };
    this.senders.advance(at(second));
    this.senders.apply({ kind: "log", node: mx, atMs: at(second), event });
  }

  take(second: number, client: number, said: { sender?: string; clientIp?: string; nrcpt?: number } = {}) {
    const mail = { clientIp: ipOf(client), sender: `a${client}@far.test`, nrcpt: 1, ...said };
    this.senders.advance(at(second));
    this.senders.taken({ ...mail, arrivalMs: at(second) });
    return { ...mail, arrivalMs: at(second) };
  }

  /** So much other mail was accepted in each five minutes. */
  accepting(count: number): this {
    this.#takenIn = count;
    return this;
  }

  read(second: number, headlineSeconds: number | null = null): AtSenders | null {
    this.senders.advance(at(second));
    return this.senders.section(headlineSeconds, 300, () => this.#takenIn);
  }
}
const at = (second: number): EpochMs => epochMs + second * 1_000;
const ipOf = (client: number): string => `198.${18 + (client >> 8)}.${client & 255}.7`;
const each = (count: number, say: (client: number) => void): void => {
  for (let client = 0; client < count; client++) say(client);
};

test("who was refused and is back waits since the first refusal, until it is accepted, and five minutes longer it is told", () => {
  const door = new Door();
  each(40, (client) => door.refuse(0, client));
  expect(door.read(minutes(10))).toBeNull();
  each(20, (client) => door.refuse(minutes(10), client));
  expect(door.read(minutes(12))).toEqual({ seconds: 720, count: 20, leads: true, notFollowed: 0 });
  each(20, (client) => door.take(minutes(25), client));
  expect(door.read(minutes(27))).toMatchObject({ seconds: 1_500, count: 0 });
  expect(door.read(minutes(30) + 1)).toBeNull();
});

test("being accepted is coming back; a second refusal is not needed", () => {
  const door = new Door();
  each(20, (client) => door.refuse(0, client));
  each(20, (client) => door.take(minutes(7), client));
  expect(door.read(minutes(8))).toMatchObject({ seconds: 420, count: 0 });
});

test("it has to be more than one in twenty of those that were refused first in the same five minutes", () => {
  const door = new Door();
  each(300, (client) => door.refuse(client, client));
  each(26, (client) => door.refuse(minutes(10), client));
  expect(door.read(minutes(11))).toEqual({ seconds: null, count: 26, leads: false, notFollowed: 0 });
  door.refuse(minutes(11), 26);
  // The last of the 27 began 26 seconds after the first.
  expect(door.read(minutes(11))?.seconds).toBe(660 - 26);
});

test("other five minutes have a base of their own", () => {
  const door = new Door();
  each(1_000, (client) => door.refuse(0, client));
  each(9, (client) => door.refuse(minutes(6), 1_000 + client));
  each(9, (client) => door.refuse(minutes(12), 1_000 + client));
  expect(door.read(minutes(12))?.seconds).toBe(360);
});

test("one is given up four hours after its last try, not after its first", () => {
  const door = new Door();
  for (const minute of [0, 15, 60]) each(10, (client) => door.refuse(minutes(minute), client));
  expect(door.read(minutes(300))).toMatchObject({ seconds: minutes(300), count: 10 });
  expect(door.read(minutes(300) + 1)).toBeNull();
});

test("a robot that hammers within half a minute has not come back; who goes on after that has", () => {
  const door = new Door();
  for (let second = 0; second < 30; second += 3) each(10, (client) => door.refuse(second, client));
  expect(door.read(60)).toBeNull();
  each(10, (client) => door.refuse(31, client));
  expect(door.read(60)).toMatchObject({ count: 10, seconds: 60 });
});

test("robots that repeat are told beside the headline, and lead nothing while other mail is taken", () => {
  const door = new Door().accepting(1_500);
  each(60, (client) => door.refuse(0, client));
  each(60, (client) => door.refuse(minutes(20), client));
  expect(door.read(minutes(20))).toMatchObject({ seconds: 1_200, count: 60, leads: false });
});

test.each([
  // Over the target and over the headline.
  [minutes(6), 300, true],
  [minutes(6), 361, false],
  [minutes(5), null, false],
] as const)("after %d s, with a headline of %d s, it leads: %s", (second, headline, leads) => {
  const door = new Door().accepting(500);
  each(100, (client) => door.refuse(0, client));
  each(100, (client) => door.refuse(120, client));
  expect(door.read(second, headline)).toMatchObject({ seconds: second, leads });
});

test.each([
  ["greylisting", { reason: "<b@own.test>: Recipient address rejected: Greylisted, see http://postgrey/own.test" }],
  ["a milter's greylisting", { action: "milter-reject", reason: "Greylisting in action, please come back later" }],
  ["rspamd's greylisting", { action: "milter-reject", stage: "END-OF-MESSAGE", reason: "Try again later" }],
  ["postscreen", { process: "postfix/postscreen", reason: "Service currently unavailable" }],
  ["what is refused for good", { code: 550, dsn: "5.1.1", reason: "<b@own.test>: User unknown" }],
  ["a hop of ours, in whose queue it waits", { clientIp: "10.0.0.3" }],
] as const)("%s is left out", (_, said) => {
  const door = new Door(new Senders({ isOurs: (node, ip) => node === mx && ip === "10.0.0.3" }));
  for (const minute of [0, 10]) each(30, (client) => door.refuse(minutes(minute), client, said));
  expect(door.read(minutes(11))).toBeNull();
});

test.each([
  ["a limit", { reason: "<b@own.test>: Recipient address rejected: Rate limit exceeded" }],
  ["a list of ours that says 450", { code: 450, dsn: "4.7.1", reason: "Service unavailable; Client host blocked" }],
  ["a full mailbox", { code: 452, dsn: "4.2.2", reason: "<b@own.test>: Mailbox full" }],
  ["a milter that is away", { action: "milter-reject", reason: "Service unavailable - try again later" }],
] as const)("%s counts", (_, said) => {
  const door = new Door();
  for (const minute of [0, 10]) each(30, (client) => door.refuse(minutes(minute), client, said));
  expect(door.read(minutes(11))?.seconds).toBe(minutes(11));
});

test("another address of the same network, another tag of the sender, other letters: it is the same one", () => {
  const door = new Door();
  each(10, (client) => door.refuse(0, client, { from: `prvs=0123abcdef=a${client}@far.test` }));
  each(10, (client) => {
    const clientIp = ipOf(client).replace(/7$/, "99");
    door.refuse(minutes(10), client, { clientIp, from: `prvs=4567abcdef=A${client}@Far.test`, to: "B@own.test" });
  });
  expect(door.read(minutes(10))).toMatchObject({ count: 10, seconds: 600 });
});

test("who is refused for good when it comes again waits no more, and is of no base", () => {
  const door = new Door();
  each(300, (client) => door.refuse(0, client));
  each(20, (client) => door.refuse(minutes(10), client));
  expect(door.read(minutes(10))?.seconds).toBeNull();
  const forGood = { code: 550, dsn: "5.7.1", reason: "blocked" };
  for (let client = 20; client < 300; client++) door.refuse(minutes(11), client, forGood);
  expect(door.read(minutes(12))?.seconds).toBe(720);
  each(20, (client) => door.refuse(minutes(12), client, forGood));
  expect(door.read(minutes(12))).toBeNull();
});

test("refused before it named anybody, it is accepted with whatever its sender brings, or named at the next refusal", () => {
  const door = new Door();
  const unnamed = { stage: "MAIL", to: "" } as unknown as Partial<MailEvent>;
  each(20, (client) => door.refuse(0, client, unnamed));
  each(10, (client) => door.refuse(minutes(10), client, unnamed));
  for (let client = 10; client < 20; client++) door.refuse(minutes(10), client);
  expect(door.read(minutes(10))).toMatchObject({ count: 20, seconds: 600 });
  // Before a name is named once more: no new ones.
  each(20, (client) => door.refuse(minutes(15), client, unnamed));
  expect(door.read(minutes(15))).toMatchObject({ count: 20, seconds: 900 });
  each(20, (client) => door.take(minutes(20), client));
  expect(door.read(minutes(21))).toMatchObject({ count: 0, seconds: 1_200 });
});

test("mail of the same sender for somebody else ends no wait: it is taken back when the one that waits comes again", () => {
  const door = new Door();
  for (const minute of [0, 10]) each(10, (client) => door.refuse(minutes(minute), client));
  each(10, (client) => door.take(minutes(11), client));
  expect(door.read(minutes(12))).toMatchObject({ count: 0, seconds: 660 });
  each(10, (client) => door.refuse(minutes(20), client));
  expect(door.read(minutes(20))).toMatchObject({ count: 10, seconds: 1_200 });
});

test("of several that wait for one sender, those are accepted that the mail turns out to be for", () => {
  const door = new Door();
  for (const minute of [0, 10])
    each(10, (client) => {
      for (const to of ["b@own.test", "c@own.test", "d@own.test"]) door.refuse(minutes(minute), client, { to });
    });
  expect(door.read(minutes(10))).toMatchObject({ count: 30 });
  each(10, (client) => {
    const mail = door.take(minutes(20), client, { nrcpt: 2 });
    door.senders.named(mail, "b@own.test", undefined);
    door.senders.named(mail, "box17@store.own.test", "c@own.test");
  });
  expect(door.read(minutes(21))).toMatchObject({ count: 10, seconds: 1_260 });
  each(10, (client) => door.take(minutes(25), client));
  expect(door.read(minutes(26))).toMatchObject({ count: 0, seconds: 1_500 });
});

test("a sender that names more and more recipients costs no more with each, and a refusal without any is one of a hundred", () => {
  const door = new Door();
  // Looking at all of them each time, this takes more than half a minute.
  for (let at = 0; at < 100_000; at++) door.refuse(0, 1, { to: `b${at}@own.test` });
  for (let at = 0; at < 1_000; at++) door.take(60, 1);
  expect(door.read(60)).toBeNull();
  door.refuse(minutes(10), 1, { stage: "MAIL", to: "" });
  expect(door.read(minutes(10))).toMatchObject({ count: 100, notFollowed: 0 });
});

test("what another network or sender brings ends nothing", () => {
  const door = new Door();
  for (const minute of [0, 10]) each(10, (client) => door.refuse(minutes(minute), client));
  each(10, (client) => door.take(minutes(11), client, { clientIp: "203.0.113.9" }));
  each(10, (client) => door.take(minutes(11), client, { sender: "other@far.test" }));
  expect(door.read(minutes(12))).toMatchObject({ count: 10, seconds: 720 });
});

test("beyond the bound the oldest go, those that came back after those that did not, and it is told how many", () => {
  const door = new Door(new Senders({ mostTriples: 200 }));
  each(50, (client) => door.refuse(0, client));
  each(50, (client) => door.refuse(minutes(10), client));
  for (let robot = 0; robot < 2_000; robot++) door.refuse(minutes(11), 1_000 + robot);
  expect(door.read(minutes(12))).toMatchObject({ count: 50, seconds: 720, notFollowed: 1_950 });
  // Robots that come back, fifty at a time: of the 300 that have then, the first hundred go.
  for (let from = 1_950; from < 2_200; from += 50)
    for (const minute of [12, 13])
      for (let robot = from; robot < from + 50; robot++) door.refuse(minutes(minute), 1_000 + robot);
  expect(door.read(minutes(13))).toMatchObject({ count: 200, notFollowed: 2_050 });
  // Nothing is kept of what is gone.
  expect(JSON.parse(door.senders.save()).triples).toHaveLength(200);
});

test("what was saved goes on as if nothing had been: open, accepted, named or not", () => {
  const door = new Door(new Senders({ mostTriples: 240 })).accepting(40);
  each(70, (client) => door.refuse(client, client));
  for (let client = 20; client < 60; client++) door.refuse(minutes(10), client);
  for (let client = 30; client < 40; client++) door.take(minutes(12), client);
  door.read(minutes(12));
  const again = new Door(new Senders({ mostTriples: 240 })).accepting(40);
  expect(again.senders.restore({ format: door.senders.format, text: door.senders.save() })).toBe(true);
  expect(again.senders.save()).toBe(door.senders.save());
  for (const one of [door, again]) {
    for (let client = 30; client < 35; client++) one.refuse(minutes(14), client);
    for (let client = 40; client < 60; client++) one.take(minutes(15), client);
  }
  for (const minute of [15, 16, 18, 21, 200, 260])
    expect(again.read(minutes(minute))).toEqual(door.read(minutes(minute)));
  expect(again.senders.save()).toBe(door.senders.save());
  expect(new Senders().restore({ format: 99, text: "{}" })).toBe(false);
});

test("no address is kept", () => {
  const door = new Door();
  for (const minute of [0, 10]) each(10, (client) => door.refuse(minutes(minute), client));
  expect(door.senders.save()).not.toMatch(/far|own\.|198\./);
});

test("what is stamped far ahead counts as of now, and a clock that was set back begins anew", () => {
  const door = new Door();
  door.read(0);
  each(10, (client) => {
    door.senders.advance(at(0));
    door.refuse(0, client);
  });
  expect(door.read(-3_600)).toBeNull();
  each(10, (client) => door.refuse(-3_600, client));
  each(10, (client) => door.refuse(-3_000, client));
  expect(door.read(-3_000)).toMatchObject({ count: 10, seconds: 600 });
});
