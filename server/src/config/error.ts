/** What is wrong with a document that somebody wrote, each with its place. `exitCode` 2 in the surface's words. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}
