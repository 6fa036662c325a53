import type { EpochMs } from "@mailtide/shared";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { ConfigError } from "../config/error.ts";
import { readableMtas } from "../collect/readable.ts";
import { isZone } from "../replay/zone.ts";
import { version } from "../version.ts";
import type { CaptureOptions } from "./capture.ts";
import type { DemoOptions } from "./demo.ts";
import type { DoctorOptions } from "./doctor.ts";
import type { ParseOptions } from "./parse.ts";
import type { QueueOptions } from "./queue.ts";
import type { ServeOptions } from "./serve.ts";
import type { ReplayOptions } from "./replay.ts";
import type { SimulateOptions } from "./simulate.ts";
import { needed, nothingEmpty } from "./needed.ts";
import { unknown } from "./unknown.ts";
import { usageWords } from "./usage-words.ts";

/** Runs a command line; resolves to the exit code: 0 ok, 1 failed, 2 wrong usage or invalid configuration. */
export async function runCli(argv: readonly string[], signal: AbortSignal): Promise<number> {
  let exitCode = 0;
  const program = new Command("mailtide")
    .description("How late is the mail, why, when will it be on time again, and who is attacking.")
    .version(version)
    .exitOverride()
    .showSuggestionAfterError(false)
    .hook("preAction", (_program, command) => nothingEmpty(command))
    .configureOutput({ outputError: (text, write) => write(usageWords(text, optionsOf(program, argv[0]))) });

  program
    .command("serve", { isDefault: true })
    .description("collect, judge, serve and page")
    .option(
      "--config <file>",
      "configuration; otherwise $MAILTIDE_CONFIG, ./mailtide.yaml, /etc/mailtide/mailtide.yaml",
    )
    .option("--port <port>", "port to listen on", portNumber)
    .option("--host <address>", "address to listen on")
    .action(
      async (options: ServeOptions) => void (exitCode = await (await import("./serve.ts")).serve(options, signal)),
    );
  program
    .command("agent")
    .description("collect on this host and send it to a server")
    .option("--config <file>", "configuration; otherwise as for serve")
    .action(
      async (options: { config?: string }) =>
        void (exitCode = await (await import("./agent.ts")).agent(options, signal)),
    );
  program
    .command("demo")
    .description("play the origin day, labelled SIMULATED")
    .option("--port <port>", "port to listen on", portNumber)
    .option("--speed <n>", "multiple of real time", positive, 60)
    .option("--from <HH:mm>", "play fast up to this time of the day", timeOfDay, "11:30")
    .action(async (options: DemoOptions) => void (exitCode = await (await import("./demo.ts")).demo(options, signal)));
  program
    .command("check")
    .hook("preAction", endAtOnce)
    .description("validate the configuration and try everything that it names")
    .option("--config <file>", "configuration")
    .action(
      async (options: { config?: string }) => void (exitCode = await (await import("./check.ts")).check(options)),
    );
  program
    .command("doctor")
    .hook("preAction", endAtOnce)
    .description("try everything, and say what works, what fails and what would make Mailtide see more")
    .option("--config <file>", "configuration, a server's or an agent's; without one, this host as it is found")
    .option("--suggest", "print only configuration to paste")
    .action(async (options: DoctorOptions) => void (exitCode = await (await import("./doctor.ts")).doctor(options)));
  program
    .command("parse")
    .description("log lines on standard input, one JSON object a line on standard output")
    .hook("preAction", needed("mta"))
    .hook("preAction", endAtOnce)
    .option("--mta <name>", readableMtas.join(", "))
    .option("--year <year>", "year of the first line, where lines state none", year)
    .option("--tz <zone>", "zone of times that state none", zone, "UTC")
    .action(async (options: ParseOptions) => void (exitCode = await (await import("./parse.ts")).parse(options)));
  program
    .command("queue")
    .description("a queue listing on standard input, one queue snapshot on standard output")
    .hook("preAction", needed("mta"))
    .hook("preAction", endAtOnce)
    .option("--mta <name>", "postfix, exim, sendmail, opensmtpd or haraka")
    .option("--format <name>", "how the listing was printed; otherwise told by its first lines")
    .option("--now <instant>", "when the listing was made; otherwise now")
    .option("--tz <zone>", "zone of times that state none", zone, "UTC")
    .option("--node <id>", "the node that it is of")
    .action(async (options: QueueOptions) => void (exitCode = await (await import("./queue.ts")).queue(options)));
  program
    .command("simulate <scenario>")
    .description("let a scenario happen: a capture, and beside it the truth")
    .hook("preAction", needed("out"))
    .option("--out <dir>", "folder to write; it must not exist")
    .option("--seed <n>", "another seed is another such day", wholeNumber, 1)
    .action(
      async (scenario: string, options: SimulateOptions) =>
        void (exitCode = await (await import("./simulate.ts")).simulate(scenario, options, signal)),
    );
  program
    .command("replay <dir>")
    .description("what Mailtide would have said of recorded hours, and when")
    .option("--report <file>", "write all of it as a JSON document")
    .option("--speed <n|max>", "multiple of real time; otherwise max, and 1 with --serve", speed)
    .option("--serve", "show it in the browser")
    .option("--year <year>", "year of the first line, where neither lines nor capture.yaml state one", year)
    .option("--tz <zone>", "zone of times that state none, where capture.yaml does not either", zone)
    .option("--top <n>", "how many sources the report names", wholeNumber, 20)
    .option("--until <instant>", "play no further, such as 2016-05-11T12:00Z", instant)
    .option("--notify <url>", "send the pages to a double of PagerDuty", doubleUrl)
    .action(
      async (dir: string, options: ReplayOptions) =>
        void (exitCode = await (await import("./replay.ts")).replay(dir, options, signal)),
    );
  program
    .command("capture")
    .description("record the last hours of a server, pseudonymised, to be replayed anywhere")
    .hook("preAction", needed("last", "out"))
    .option("--last <duration>", "how far back, such as 6h")
    .option("--out <dir>", "folder to write; it must not exist")
    .option("--clear", "keep addresses, names and reasons as they are")
    .option("--lead-in <duration>", "how much of what went before to take along; otherwise all that is kept")
    .option("--config <file>", "the server's configuration")
    .option("--url <url>", "the server, when the configuration does not tell", address)
    .option("--token <secret>", "a token with the scope admin; otherwise $MAILTIDE_TOKEN")
    .action(async (options: CaptureOptions) => void (exitCode = await (await import("./capture.ts")).capture(options)));

  /** Of those that leave nothing half done. */
  function endAtOnce(): void {
    signal.addEventListener("abort", () => process.exit(130), { once: true });
  }

  const unknown = unknownCommand(program, argv[0] === "help" ? argv[1] : argv[0]);
  if (unknown !== null) {
    console.error(`mailtide: ${unknown}`);
    return 2;
  }
  try {
    await program.parseAsync([...argv], { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof ConfigError) {
      for (const problem of error.problems) console.error(`mailtide: ${problem}`);
      return 2;
    }
    // Whoever read what is printed has seen enough, as `head` has.
    if (isPipeGone(error)) return 1;
    const isStopped = signal.aborted && error instanceof Error && error.name === "AbortError";
    const said = isStopped ? "stopped before the end" : error instanceof Error ? error.message : String(error);
    for (const line of said.split("\n")) console.error(`mailtide: ${line}`);
    if (process.env["MAILTIDE_TRACE"] !== undefined) console.error(error);
    return 1;
  }
}

function isPipeGone(error: unknown): boolean {
  const { code, syscall } = (error ?? {}) as NodeJS.ErrnoException;
  return code === "EPIPE" && syscall === "write";
}

/** Without this, a mistyped command would be taken for an argument of `serve`. */
function unknownCommand(program: Command, word: string | undefined): string | null {
  const known = [...program.commands.map((command) => command.name()), "help"];
  if (word === undefined || word.startsWith("-") || known.includes(word)) return null;
  return unknown(`"${word}" is no command`, known, word);
}

/** Those of the command that was named, else of `serve`. */
function optionsOf(program: Command, word: string | undefined): string[] {
  const command = program.commands.find((each) => each.name() === (word ?? "")) ?? program.commands[0];
  return [...program.options, ...(command?.options ?? [])].flatMap(({ long }) => long ?? []).concat("--help");
}

/** To `Number` nothing is 0. */
const number = (text: string): number => (text.trim() === "" ? Number.NaN : Number(text));

function portNumber(text: string): number {
  const port = number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new InvalidArgumentError("a port is 0 to 65535.");
  return port;
}

function wholeNumber(text: string): number {
  const value = number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError("a whole number from 0.");
  return value;
}

function speed(text: string): number {
  return text === "max" ? Infinity : positive(text);
}

function year(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1970 || value > 2200)
    throw new InvalidArgumentError("a year from 1970 to 2200.");
  return value;
}

function zone(text: string): string {
  if (!isZone(text)) throw new InvalidArgumentError("an IANA time zone, such as Europe/Vienna.");
  return text;
}

function instant(text: string): EpochMs {
  const known = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)$/.test(text);
  const atMs = known ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(atMs)) throw new InvalidArgumentError("an instant with its zone, such as 2016-05-11T12:00Z.");
  return atMs;
}

function timeOfDay(text: string): string {
  if (!/^(?:[01]\d|2[0-3]):[0-5]\d$/.test(text)) throw new InvalidArgumentError("a time of the day such as 11:30.");
  return text;
}

function address(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) throw new InvalidArgumentError("an http or https address.");
  if (url.username !== "" || url.password !== "")
    throw new InvalidArgumentError("an address without a name or a password in it.");
  return text;
}

/** A replay never pages anybody: whatever the address, it is not PagerDuty's. */
function doubleUrl(text: string): string {
  if (/(^|\.)pagerduty\.com\.?$/i.test(new URL(address(text)).hostname))
    throw new InvalidArgumentError("a replay never pages people; name a double.");
  return text;
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError("a number above 0.");
  return value;
}
