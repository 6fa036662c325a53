import type { ReadStream } from "node:tty";

/** Standard input. Where it is a terminal, says once what is waited for: a command that only stands there looks broken. */
export function pipedInput(command: "parse" | "queue", what: string): ReadStream {
  const { stdin } = process;
  if (stdin.isTTY)
    console.error(
      `mailtide: waiting for ${what} on standard input, best from a file: mailtide ${command} ... < FILE; Ctrl-D ends it`,
    );
  return stdin;
}
