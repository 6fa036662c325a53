import { createRandom, type Random } from "../random.ts";
import { hashText } from "./hash.ts";

/** A source of numbers for each part, by its name: a change in one part leaves the others as they were. */
export type Draws = (part: string) => Random;

export const createDraws =
  (seed: number): Draws =>
  (part) =>
    createRandom(hashText(part, seed));
