import type { NodeId } from "@mailtide/shared";
import type { Signal } from "../alert/signal.ts";
import { sentence } from "../text/sentence.ts";
import { action } from "./build.ts";
import { isPlainDomain } from "./commands.ts";
import { commandsAt, type OperatorCommands, operatorCommands } from "./operator-commands.ts";
import type { RuleInput } from "./rule.ts";

type Actions = Signal["actions"];
export type Step = "show-queue" | "check-mta" | "flush-staged" | "show-restrictions";

/** What helps when mail waits, safest first. */
export const backlogSteps: readonly Step[] = ["show-queue", "check-mta", "flush-staged"];

/** At 03:00 nobody reads more ways to do the same. */
const mostMtas = 2;
const stage = 1_000;

/**
 * The steps, each with the command of the MTA that runs where it is to be typed: on the node; without one where mail waits on
 * us, the fullest host first, else on every host. Where a site has several MTAs each step says for which it is.
 */
export function hostActions(input: RuleInput, node: NodeId | null, steps: readonly Step[]): Actions {
  const isMixed = new Set(input.hosts.map(({ mta }) => operatorCommands(mta).name)).size > 1;
  return stepsFor(mtasAt(input, node), steps, isMixed);
}

/** Of an alert without an incident. */
export const sampleActions = (steps: readonly Step[]): Actions => stepsFor([operatorCommands("postfix")], steps, false);

function stepsFor(mtas: readonly OperatorCommands[], steps: readonly Step[], isMixed: boolean): Actions {
  return steps.flatMap((step) => mtas.flatMap((commands) => stepFor(commands, step, isMixed)));
}

function stepFor(commands: OperatorCommands, step: Step, isMixed: boolean): Actions {
  const mta = isMixed ? { mta: commands.name } : {};
  if (step === "show-queue") return [action(sentence("action.show-queue", mta), commands.showQueue)];
  if (step === "check-mta") return [action(sentence("action.check-mta", mta), commands.check ?? null)];
  if (step === "flush-staged")
    return commands.flushStaged === undefined
      ? []
      : [action(sentence("action.flush-staged", { count: stage, ...mta }), commands.flushStaged(stage))];
  return commands.showRestrictions === undefined
    ? []
    : [action(sentence("action.show-restrictions", mta), commands.showRestrictions)];
}

/** Everything for a destination again, where its name is for a command and the MTA of the node has one. */
export function flushDestination(input: RuleInput, node: NodeId | null, destination: string): Actions {
  const [commands] = mtasAt(input, node);
  if (commands?.flushDestination === undefined || !isPlainDomain(destination)) return [];
  return [action(sentence("action.flush-destination", { destination }), commands.flushDestination(destination))];
}

/** What is to be done against senders from outside, with the settings that each MTA of the site has for it. */
export function refusalActions(input: RuleInput, isSpoofed: boolean): Actions {
  return refusalsFor(mtasAt(input, null), isSpoofed, hostActions(input, null, ["show-restrictions"]));
}

export const sampleRefusals = (isSpoofed: boolean): Actions =>
  refusalsFor([operatorCommands("postfix")], isSpoofed, sampleActions(["show-restrictions"]));

function refusalsFor(mtas: readonly OperatorCommands[], isSpoofed: boolean, shown: Actions): Actions {
  const by = (setting: "refuseOwnSenders" | "limitSources"): string =>
    mtas.flatMap((commands) => commands[setting] ?? []).join("; ");
  return [
    isSpoofed
      ? action(sentence("action.refuse-own-senders", { by: by("refuseOwnSenders") }))
      : action(sentence("action.limit-connections", { by: by("limitSources") })),
    action(sentence("action.refuse-not-bounce")),
    ...shown,
  ];
}

function mtasAt({ hosts, sections }: RuleInput, node: NodeId | null): readonly OperatorCommands[] {
  const all = node === null ? [...where(sections.queues), ...hosts.map((host) => host.node)] : [node];
  const known = new Map(hosts.map((host) => [host.node, host]));
  const byName = new Map<string, OperatorCommands>();
  for (const each of all) {
    const commands = commandsAt(known.get(each) ?? { node: each, mta: null });
    if (!byName.has(commands.name)) byName.set(commands.name, commands);
    if (byName.size === mostMtas) break;
  }
  return byName.size === 0 ? [operatorCommands(null)] : [...byName.values()];
}

const where = ({ hosts }: RuleInput["sections"]["queues"]): readonly NodeId[] =>
  (hosts?.shown ?? []).flatMap((host) => (host.ownQueued > 0 ? [host.node] : []));
