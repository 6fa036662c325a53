/**
 * An SVG path through the values, oldest left, from zero at the bottom. What is usual (the median) stands in the middle
 * at most, so that noise looks level and only a change looks like one. A null breaks the line.
 */
export function sparkPath(values: readonly (number | null)[], width: number, height: number): string {
  const known = values.filter((value) => value !== null).toSorted((a, b) => a - b);
  const highest = known.at(-1);
  if (highest === undefined) return "";
  const median = known[Math.floor(known.length / 2)] ?? 0;
  const top = Math.max(highest, median * 2, Number.MIN_VALUE);
  const pad = 2;
  const level = (value: number) => pad + (height - 2 * pad) * (1 - Math.max(0, value) / top);
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
