import type { Agenda } from "../agenda.ts";
import type { Habit } from "./habits.ts";
import { createStationery, type Letter } from "./letters.ts";
import type { PostOffice } from "./post-office.ts";
import type { Draws } from "./seeds.ts";

/** Sends a letter now, and again as its sender's habit is. */
export type Send = (letter: Letter, habit: Habit) => void;
/** Every part writes at a desk of its own, so that one that writes more changes nothing for the others. */
export type Desks = (part: string) => Send;

export const createDesks =
  (agenda: Agenda, draws: Draws, office: PostOffice): Desks =>
  (part) => {
    const stationery = createStationery(draws(`stationery of ${part}`), part);
    const random = draws(`ways of ${part}`);
    return (letter, habit) => office.send(stationery(letter, agenda.nowMs), habit, random);
  };
