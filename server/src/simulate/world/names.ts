import type { Random } from "../random.ts";

const trees = "baobab kudu marula protea tugela karoo acacia impala juniper alder heron linden quartz ember".split(" ");
const trades = "mining logistics legal wines clinics retail foods motors press works travel schools energy".split(" ");
const first = "amber birch cobalt delta elm fjord granite harbour indigo jasper kelp lagoon maple nectar".split(" ");
const second = "mail post trade group supply studio media bank parts home sports labs".split(" ");
const people = [
  ..."thandi sipho lerato johan anele pieter nomsa kagiso zanele willem mpho annika bongani fatima ravi".split(" "),
  ..."chantelle themba lindiwe jonas elif marek ines oskar paula sven tilda yusuf greta".split(" "),
];
const roles = "info accounts sales orders hr office".split(" ");

/** Names end in `.example` (RFC 2606), so that nothing written here can be somebody. */
export const customerDomain = (index: number): string => pair(trees, trades, index);
export const outsideDomain = (index: number): string => pair(first, second, index);
export const operatorDomain = (index: number): string => `mx-${pair(second, first, index)}`;
export const hosterDomain = (index: number): string => `hosting-${pair(trees, second, index)}`;

/** The mailboxes of a firm: roles first, then people. */
export function mailboxName(index: number): string {
  const role = roles[index];
  if (role !== undefined) return role;
  const rest = index - roles.length;
  const name = people[rest % people.length] ?? "someone";
  const round = Math.floor(rest / people.length);
  return round === 0 ? name : `${name}.${round}`;
}

export const personName = (random: Random): string => `${random.pick(people)}.${random.below(400)}`;

function pair(left: readonly string[], right: readonly string[], index: number): string {
  const a = left[index % left.length] ?? "";
  const b = right[Math.floor(index / left.length) % right.length] ?? "";
  const round = Math.floor(index / (left.length * right.length));
  return `${a}-${b}${round === 0 ? "" : `-${round}`}.example`;
}
