import { z } from "zod";

/**
 * What an agent may state, far beyond what any host means: whatever is added up here, or told as a time of day, stays a number
 * and an instant.
 */
export const instant = z.int().min(0).max(1e15);
export const seconds = z.number().min(0).max(1e10);
/** Of which nothing else is known. */
export const figure = z.number().min(-1e15).max(1e15);
