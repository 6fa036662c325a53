/**
 * How often more than once the line before came, when this one stands for it: `last message repeated 3 times`, as the
 * loggers of BSD and older Linux say, perhaps between dashes. Undefined for other lines.
 */
export function repeatsLast(text: string): number | undefined {
  if (!text.startsWith("last message repeated ") && !text.startsWith("--- last message repeated ")) return undefined;
  const found = /^(?:--- )?last message repeated (\d{1,9}) times?(?: ---)?$/.exec(text);
  return found === null ? undefined : Number(found[1]);
}
