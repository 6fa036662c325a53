import type { MailEvent } from "../../core/event.ts";
import { readAmavis } from "./amavis.ts";
import { readClamd } from "./clamd.ts";
import { readClamsmtpd } from "./clamsmtpd.ts";
import { readRspamd } from "./rspamd.ts";
import { readSpamd } from "./spamd.ts";

/** Content filters that log beside an MTA, by the name that stands before `[pid]`: a new one is a file and a line here. */
const filters: readonly (readonly [process: RegExp, read: (event: MailEvent, text: string) => boolean])[] = [
  [/^amavis(?:d)?(?:-new)?$/, readAmavis],
  [/^clamsmtpd$/, readClamsmtpd],
  [/^(?:clamd|clamav-milter|clamd@\S{0,32})$/, readClamd],
  [/^spamd(?: child)?$/, readSpamd],
  [/^rspamd(?:_\w{1,32})?$/, readRspamd],
];

/** Reads a filter's line; false when it is the MTA's own. Names that clients choose never stand where this looks. */
export function readFilter(event: MailEvent, text: string): boolean {
  const { process } = event;
  const first = process?.charCodeAt(0);
  // Nearly every line is another's: a letter tells.
  if (process === undefined || first === undefined || !initials.has(first)) return false;
  for (const [name, read] of filters) {
    if (!name.test(process)) continue;
    read(event, text);
    return true;
  }
  return false;
}

const initials: ReadonlySet<number> = new Set(["a", "c", "s", "r"].map((letter) => letter.charCodeAt(0)));
