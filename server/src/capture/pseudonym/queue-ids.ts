import type { Words } from "./words.ts";

/**
 * Queue ids are kept, because listings, logs and hops meet in them, and a long one tells when its message came. What only
 * stands where an id should be (the next hop writes what it likes behind "queued as") is replaced.
 */
export function createQueueIds(words: Words): (id: string) => string {
  return (id) => {
    if (id === "" || id === "NOQUEUE" || forms.some((form) => form.test(id))) return id;
    return Buffer.from(words(id, "queue id")).toString("hex").slice(-12).toUpperCase();
  };
}

/** Postfix, short and long; Exim, old and new; OpenSMTPD; Sendmail; Haraka. */
const forms: readonly RegExp[] = [
  /^[0-9A-F]{5,20}$/,
  /^[0-9BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz]{10}z[0-9BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz]{1,10}$/,
  /^[0-9A-Za-z]{6}-[0-9A-Za-z]{6}-[0-9A-Za-z]{2}$/,
  /^[0-9A-Za-z]{6}-[0-9A-Za-z]{11}-[0-9A-Za-z]{4}$/,
  /^[0-9a-f]{8}$|^[0-9a-f]{16}$/,
  /^[0-9A-Za-z]{8}\d{5,7}$/,
  /^[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}\.\d{1,9}$/,
];
