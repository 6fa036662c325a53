/** First in, first out, without moving what waits. */
export interface Line<T> {
  readonly length: number;
  push(item: T): void;
  shift(): T | undefined;
  peek(): T | undefined;
}

export function createLine<T>(): Line<T> {
  let items: T[] = [];
  let head = 0;
  return {
    get length() {
      return items.length - head;
    },
    push: (item) => void items.push(item),
    peek: () => items[head],
    shift() {
      const item = items[head];
      if (item === undefined) return undefined;
      head++;
      if (head === items.length) {
        items = [];
        head = 0;
      } else if (head > 10_000 && head * 2 > items.length) {
        items = items.slice(head);
        head = 0;
      }
      return item;
    },
  };
}
