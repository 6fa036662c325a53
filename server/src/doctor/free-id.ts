/** An id that nothing of the list has yet. */
export function freeId(taken: readonly { readonly id: string }[], wanted: string): string {
  const ids = new Set(taken.map(({ id }) => id));
  let id = wanted;
  for (let number = 2; ids.has(id); number++) id = `${wanted}-${number}`;
  return id;
}
