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
