import type { Cause, Seconds } from "@mailtide/shared";

/** A moment of the day as it really went: the first event of that kind, which variations move. */
export interface Moment {
  /** `what` of an event; the `nth` of its kind, from 0. */
  readonly event: string;
  readonly nth?: number;
  readonly edge: "at" | "until";
}

/** One thing that must be said. */
export interface Expected {
  /** Any of these will do. */
  readonly causes: readonly Cause[];
  readonly of: Moment;
  /** From `of`; or before the true headline passes so much; or else as long as it lasts. */
  readonly within?: Seconds;
  readonly beforeDelay?: Seconds;
  /** Ranked first from its detection until then; the end of its event when not stated. */
  readonly firstUntil?: Moment;
  /** The change that must stand beside it: the beginning of its title. */
  readonly change?: string;
  /** Each of these must have such an alert of its own. */
  readonly nodes?: readonly string[];
}

export interface Expectation {
  /** An incident; a day on which nobody may be woken without late mail; an ordinary one. */
  readonly kind: "incident" | "negative" | "normal";
  readonly says: readonly Expected[];
  /** Causes that would be wrong. */
  readonly never: readonly Cause[];
  /** What the provider said, local time as UTC, of the day as it is written. */
  readonly stated?: readonly { readonly at: string; readonly hours: number }[];
  readonly worst?: "ticket";
  /** Peak and end of the delay within 15 % of the truth. */
  readonly curve?: boolean;
  readonly blocklist?: boolean;
  readonly recovery?: boolean;
}

const attacks: readonly Cause[] = ["spoof-flood", "inbound-flood", "backscatter", "auth-bruteforce", "account-hijack"];
const begins = (event: string, nth = 0): Moment => ({ event, nth, edge: "at" });
const negative = (more: Partial<Expectation> = {}): Expectation => ({
  kind: "negative",
  says: [],
  never: attacks,
  ...more,
});
const normal: Expectation = { kind: "normal", says: [], never: attacks };

/** What Mailtide must say on each day of `scenarios/`, from what the providers said. */
export const expectations: Readonly<Record<string, Expectation>> = {
  "synaq-2016-05-11": {
    kind: "incident",
    says: [
      { causes: ["spoof-flood"], of: begins("flood"), within: 60, firstUntil: begins("dependency") },
      {
        causes: ["schema-lock", "database-unresponsive"],
        of: begins("dependency"),
        within: 30,
        change: "Code push: remove tables",
      },
    ],
    never: [],
    stated: [
      { at: "2016-05-11T13:03:00.000Z", hours: 3 },
      { at: "2016-05-11T15:43:00.000Z", hours: 6 },
      { at: "2016-05-11T16:34:00.000Z", hours: 6 },
    ],
    blocklist: true,
    recovery: true,
  },
  "synaq-2016-11-02": {
    kind: "incident",
    says: [
      // "In the night": until six in the morning.
      { causes: ["inbound-flood"], of: begins("flood"), within: 38_400 },
      { causes: ["database-saturated"], of: begins("dependency"), beforeDelay: 900 },
    ],
    never: [],
    recovery: true,
  },
  "synaq-2019-03-13": {
    kind: "incident",
    says: [{ causes: ["dns-failure"], of: begins("dependency"), within: 30 }],
    never: attacks,
    recovery: true,
  },
  "synaq-2020-05-25": {
    kind: "incident",
    says: [
      {
        causes: ["connect-timeouts"],
        of: begins("network"),
        within: 300,
        nodes: ["out1", "out2", "out3"],
        change: "Move of the mail platform",
      },
    ],
    never: attacks,
    recovery: true,
  },
  "mailchannels-2020-09-15": {
    kind: "incident",
    says: [{ causes: ["database-unresponsive"], of: begins("dependency") }],
    never: attacks,
    recovery: true,
  },
  "utaustin-2013-11-18": {
    kind: "incident",
    says: [{ causes: ["inbound-flood", "capacity"], of: begins("flood"), within: 60 }],
    never: [],
    curve: true,
  },
  "tmu-2014-11-04": {
    kind: "incident",
    says: [{ causes: ["mail-loop"], of: begins("list-loop") }],
    never: attacks,
  },
  "mxtoolbox-2010-08-06": {
    kind: "incident",
    says: [{ causes: ["backscatter"], of: begins("backscatter") }],
    never: [],
  },
  "postmark-early": {
    kind: "incident",
    says: [{ causes: ["no-departures"], of: begins("capacity"), within: 120 }],
    never: attacks,
  },
  "negative-postscreen-flood": negative({ worst: "ticket" }),
  "negative-throttling-provider": negative(),
  "negative-return-wave": negative(),
  "negative-list-loop": negative(),
  "negative-dnsbl-timeout": negative(),
  // It may say so from the first failed delivery on; no deadline is stated.
  "negative-certificate": negative({ says: [{ causes: ["certificate-expired"], of: begins("dependency") }] }),
  "normal-small": normal,
  "normal-medium": normal,
  "normal-large": normal,
};
