/** Columns of equal length on one scale from zero, as SVG paths in a box of that size. A null breaks a line. */
export function linesPaths(
  columns: readonly (readonly (number | null)[])[],
  width: number,
  height: number,
): { readonly paths: readonly string[]; readonly top: number } {
  const top = Math.max(0, ...columns.flat().filter((value) => value !== null));
  const level = (value: number): number => round(height * (1 - (top === 0 ? 0 : value / top)));
  const paths = columns.map((values) => {
    const step = width / Math.max(1, values.length - 1);
    return values
      .map((value, index) => {
        if (value === null) return "";
        const before = values[index - 1] ?? null;
        return `${before === null ? "M" : "L"}${round(index * step)} ${level(value)}`;
      })
      .join("");
  });
  return { paths, top };
}

const round = (value: number): number => Math.round(value * 100) / 100;
