/** Why a file that somebody named could not be read. */
export function unreadable({ code, message }: NodeJS.ErrnoException): string {
  if (code === "ENOENT") return "does not exist";
  if (code === "EISDIR") return "is a folder, not a file";
  return code === "EACCES" ? "cannot be read: this user may not" : `cannot be read: ${message}`;
}
