/**
 * A place for a text in a table of a power of two: `mask` is one less than the table's size. By its last sixteen characters,
 * where host names, addresses and ids of one origin differ. Whoever chooses texts may have them share places: then they are
 * looked for the long way.
 */
export function placeOf(text: string, mask: number): number {
  let hash = text.length;
  for (let at = hash > 16 ? hash - 16 : 0; at < text.length; at++)
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x0100_0193);
  return (hash ^ (hash >>> 15)) & mask;
}
