import type { Command } from "commander";

/**
 * For before a command runs: which of these options is missing. Commander's own required options are looked for before it is
 * known whether all that were given are known, and a mistyped one is called missing then.
 */
export const needed =
  (...names: readonly string[]) =>
  (command: Command): void => {
    const missing = names.find((name) => command.getOptionValue(name) === undefined);
    const option = command.options.find((each) => each.attributeName() === missing);
    if (option !== undefined) command.error(`${option.flags} is missing`);
  };

/** An empty path, as of a shell's variable that is not set, is none, not the folder that one stands in. */
export function nothingEmpty(command: Command): void {
  const option = command.options.find((each) => isEmpty(command.getOptionValue(each.attributeName())));
  if (option !== undefined) command.error(`${option.flags} has an empty value`);
  const argument = command.registeredArguments.find((_, index) => isEmpty(command.args[index]));
  if (argument !== undefined) command.error(`<${argument.name()}> has an empty value`);
}

const isEmpty = (value: unknown): boolean => typeof value === "string" && value.trim() === "";
