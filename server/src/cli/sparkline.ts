const levels = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/**
 * The greatest of each stretch, so that no peak is lost; a blank where nothing is known. From zero to the greatest of all, or to `least`:
 * noise must not look like a mountain range.
 */
export function sparkline(values: readonly (number | null)[], width: number, least = 0): string {
  const columns = Math.min(width, values.length);
  const top = values.reduce<number>((most, value) => Math.max(most, value ?? 0), least);
  let line = "";
  for (let column = 0; column < columns; column++) {
    const from = Math.floor((column * values.length) / columns);
    const to = Math.floor(((column + 1) * values.length) / columns);
    const known = values.slice(from, to).filter((value) => value !== null);
    const share = top === 0 ? 0 : Math.max(0, ...known) / top;
    line += known.length === 0 ? " " : (levels[Math.min(levels.length - 1, Math.floor(share * levels.length))] ?? "");
  }
  return line;
}
