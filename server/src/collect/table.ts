/**
 * What stands under a word that a stranger may have written. Every ordinary object has something under `constructor` and a few
 * more; here only what was put in is.
 */
export function table<Value>(entries: Readonly<Record<string, Value>>): Readonly<Record<string, Value | undefined>> {
  return Object.assign(Object.create(null) as Record<string, Value>, entries);
}
