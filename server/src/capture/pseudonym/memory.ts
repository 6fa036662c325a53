/** Senders choose what has to be remembered: beyond this everything is forgotten and made again. */
const most = 100_000;

/** Remembers what a function of a text gave; the same text gives the same, remembered or not. */
export function createMemory<T>(make: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    let value = known.get(text);
    if (value !== undefined || known.has(text)) return value as T;
    if (known.size >= most) known.clear();
    value = make(text);
    known.set(text, value);
    return value;
  };
}
