/**
 * Bounds what the bodies of all agents take: how many are unpacked at once, and how many bytes of them wait until they are durable.
 * Both are had in the order in which they are asked for; who sends slowly, or waits for the pipeline, keeps nobody else out.
 */
export class BodyRoom {
  readonly #places: Room;
  readonly #bytes: Room;
  readonly #mostBytes: number;

  constructor(mostUnpacked: number, mostBytes: number) {
    this.#places = new Room(mostUnpacked);
    this.#bytes = new Room(mostBytes);
    this.#mostBytes = mostBytes;
  }

  open(): OpenBody {
    const [places, bytes, mostBytes] = [this.#places, this.#bytes, this.#mostBytes];
    let [hasPlace, held] = [false, 0];
    return {
      async enter() {
        if (!hasPlace) await places.take(1);
        hasPlace = true;
      },
      async unpacked(count) {
        const needed = Math.min(count, mostBytes);
        await bytes.take(needed);
        held = needed;
        places.give(1);
        hasPlace = false;
      },
      leave() {
        if (hasPlace) places.give(1);
        bytes.give(held);
        [hasPlace, held] = [false, 0];
      },
    };
  }
}

export interface OpenBody {
  /** Waits for one of the places where bodies are unpacked. */
  enter(): Promise<void>;
  /** It is unpacked, and has so many bytes: waits for room for them, and gives its place to the next. */
  unpacked(bytes: number): Promise<void>;
  leave(): void;
}

class Room {
  #left: number;
  readonly #waiting: { readonly count: number; readonly go: () => void }[] = [];

  constructor(most: number) {
    this.#left = most;
  }

  async take(count: number): Promise<void> {
    if (this.#waiting.length === 0 && count <= this.#left) this.#left -= count;
    else await new Promise<void>((go) => this.#waiting.push({ count, go }));
  }

  give(count: number): void {
    this.#left += count;
    for (let [next] = this.#waiting; next !== undefined && next.count <= this.#left; [next] = this.#waiting) {
      this.#waiting.shift();
      this.#left -= next.count;
      next.go();
    }
  }
}
