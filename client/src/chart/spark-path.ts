/**
 * An SVG path through the values, oldest left, from the smallest at the bottom to the largest at the top. A null breaks the
 * line. A level line stands in the middle, where it does not look like an edge.
 */
export function sparkPath(values: readonly (number | null)[], width: number, height: number): string {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return "";
  const high = Math.max(...known);
  const low = Math.min(...known);
  const pad = 2;
  const room = height - 2 * pad;
  const level = (value: number) =>
    high - low < high * 0.02 ? height / 2 : pad + room * (1 - (value - low) / (high - low));
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  let pen = false;
  return values
    .map((value, index) => {
      if (value === null) {
        pen = false;
        return "";
      }
      const command = `${pen ? "L" : "M"}${round(index * step)} ${round(level(value))}`;
      pen = true;
      return command;
    })
    .join("");
}

const round = (value: number): number => Math.round(value * 100) / 100;
