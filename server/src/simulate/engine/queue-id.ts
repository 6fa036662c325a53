import type { EpochMs } from "@mailtide/shared";

const digits = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz";

/**
 * Postfix's long queue ids (`enable_long_queue_ids`, postconf(5); layout in Postfix's `global/mail_queue.h`): seconds in
 * base 52 padded to six, microseconds in base 52 padded to four, `z`, the file's number in base 51.
 */
export function createQueueIds(firstFile: number): (atMs: EpochMs) => string {
  let file = firstFile;
  return (atMs) => {
    file++;
    const seconds = Math.floor(atMs / 1000);
    // The file's number stands in for the microseconds that a millisecond clock lacks.
    const microseconds = Math.min(999_999, Math.floor(atMs - seconds * 1000) * 1000 + (file % 1000));
    return `${inBase(seconds, 52).padStart(6, "0")}${inBase(microseconds, 52).padStart(4, "0")}z${inBase(file, 51)}`;
  };
}

function inBase(value: number, base: number): string {
  let text = "";
  for (let rest = value; rest > 0; rest = Math.floor(rest / base)) text = (digits[rest % base] ?? "") + text;
  return text;
}
