/** Why a file that somebody named could not be read. */
export function unreadable({ code, message }: NodeJS.ErrnoException): string {
  if (code === "EISDIR") return "is a folder, not a file";
  return unreachable({ code, message });
}

/** Why what somebody named, be it a file or a folder, could not be come at. */
export function unreachable({ code, message }: Pick<NodeJS.ErrnoException, "code" | "message">): string {
  if (code === "ENOENT") return "does not exist";
  if (code === "ENOTDIR") return "does not exist: a file stands where its folder should";
  return code === "EACCES" ? "cannot be read: this user may not" : `cannot be read: ${message}`;
}
