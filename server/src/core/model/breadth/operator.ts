export interface Tried {
  tries: number;
  fails: number;
}

/** In one slot of the window. */
export interface InSlot extends Tried {
  readonly of: InWindow;
}

/** In the window, and where it is counted in the newest slot. */
export interface InWindow extends Tried {
  readonly operator: string;
  slot: number;
  inSlot: InSlot | null;
  /** It is in no window any more. */
  gone: boolean;
}

/** Who runs a far side, by name; and what need not be looked up by it again. */
export interface Operator {
  readonly name: string;
  /** As of which set of those that ever answered it is in that set. */
  answeredIn: object | null;
  /** Where it was counted last, by the number of the count. */
  readonly counted: (InWindow | undefined)[];
}
