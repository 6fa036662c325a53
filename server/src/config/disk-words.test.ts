import { expect, test } from "vitest";
import { diskRefusal, inDiskWords, whyNotMade } from "./disk-words.ts";

const refused = (code: string): NodeJS.ErrnoException => Object.assign(new Error(`${code}: as it is`), { code });

test.each([
  ["ENOSPC", "the disk is full"],
  ["EDQUOT", "this user may not store more"],
  ["EIO", "the disk fails"],
  ["EROFS", "the disk is read-only"],
])("%s is said in the same words of whatever is written", (code, words) => {
  expect(diskRefusal(code)).toBe(words);
  for (const what of ["files", "folders"] as const) expect(whyNotMade(what, "/tmp/x", refused(code))).toBe(words);
  expect((inDiskWords("/tmp/x", refused(code)) as Error).message).toBe(`/tmp/x cannot be written: ${words}`);
});

test("what is not the disk's word is told apart by the place", () => {
  expect(whyNotMade("files", "/tmp/x", refused("ENOENT"))).toBe("/tmp is no place for files");
  expect(whyNotMade("folders", "/none/x", refused("ENOENT"))).toBe("there is no folder /none");
  expect(whyNotMade("files", "/tmp/x", refused("EACCES"))).toBe("this user may not write there");
  expect(whyNotMade("files", "/tmp/x", refused("EMFILE"))).toBe("EMFILE: as it is");
  const other = refused("EACCES");
  expect(inDiskWords("/tmp/x", other)).toBe(other);
});
