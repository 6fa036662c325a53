/** `exim -bpr -qGNAME` lists the named queue (Exim specification, 5.2, "-bp"); of one that is not there nothing. */
export const namedQueuesOf = (command: readonly string[], names: readonly string[]): readonly (readonly string[])[] =>
  names.map((name) => [...command, `-qG${name}`]);
