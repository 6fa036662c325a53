import { eximBpc, eximBpi, exiqgrepC } from "./mta/exim/bp-short.ts";
import { eximBp } from "./mta/exim/bp.ts";
import { exiqgrepB, exiqsumm } from "./mta/exim/exiqgrep.ts";
import { harakaQlist } from "./mta/haraka/qlist.ts";
import { showQueue } from "./mta/opensmtpd/show-queue.ts";
import { postqueueJ } from "./mta/postfix/postqueue-j.ts";
import { postqueueP } from "./mta/postfix/postqueue-p.ts";
import { qshape } from "./mta/postfix/qshape.ts";
import { showq } from "./mta/postfix/showq.ts";
import { sendmailBp } from "./mta/sendmail/bp.ts";
import type { ListingFormat, Table } from "./queue/listing.ts";

/** Every printed form of a queue: a new one is a file and a line here. */
export const listingFormats: readonly ListingFormat[] = [
  postqueueJ,
  postqueueP,
  showq,
  eximBp,
  eximBpc,
  eximBpi,
  exiqgrepB,
  exiqgrepC,
  sendmailBp,
  showQueue,
  harakaQlist,
];

/** What is easily taken for one. */
export const tables: readonly Table[] = [exiqsumm, qshape];
