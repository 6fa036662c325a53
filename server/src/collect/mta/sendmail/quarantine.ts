/**
 * `sendmail -bp` leaves out what is quarantined, and `sendmail -bp -qQ` lists nothing else (operations guide, "Quarantined Queue Items"). Null
 * for a command that says by itself which part of the queue it wants, or is not known to be Sendmail.
 */
export function quarantineOf(command: readonly string[]): readonly string[] | null {
  const lists = command.includes("-bp") || command.some((word) => /(?:^|\/)mailq$/.test(word));
  return lists && !command.some((word) => word.startsWith("-q")) ? [...command, "-qQ"] : null;
}
