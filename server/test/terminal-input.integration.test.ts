import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { need, temporaryFolder } from "./real/process.ts";

const mailtide = fileURLToPath(new URL("../bin/mailtide.mjs", import.meta.url));
const inputs = {
  parse: "Jan  5 12:00:00 mx postfix/smtpd[12]: connect from unknown[192.0.2.1]\n",
  queue: "Mail queue is empty\n",
};

for (const command of ["parse", "queue"] as const)
  test(`${command} says what it waits for where standard input is a terminal, and only there`, () => {
    const folder = temporaryFolder("terminal-input");
    onTestFinished(() => folder.remove());
    const [out, err] = [join(folder.path, "out"), join(folder.path, "err")];
    const line = `'${process.execPath}' '${mailtide}' ${command} --mta postfix >'${out}' 2>'${err}'`;
    const run = (program: string, args: string[]) => {
      const { status } = spawnSync(program, args, { input: inputs[command], timeout: 60_000 });
      return { status, out: readFileSync(out, "utf8"), err: readFileSync(err, "utf8") };
    };
    const typed = run(need("script", "bsdutils"), ["--quiet", "--return", "--command", line, "/dev/null"]);
    const piped = run("sh", ["-c", line]);
    expect(typed).toMatchObject({
      status: 0,
      err: expect.stringMatching(/^mailtide: waiting for .* on standard input.*Ctrl-D ends it\n$/),
    });
    expect(piped).toMatchObject({ status: 0, err: "" });
    expect(withoutTime(typed.out)).toBe(withoutTime(piped.out));
    expect(typed.out).not.toBe("");
  });

test("the first signal ends what waits for more input", async () => {
  const waiting = spawn(process.execPath, [mailtide, "parse", "--mta", "postfix"], { stdio: "pipe" });
  onTestFinished(() => void waiting.kill("SIGKILL"));
  waiting.stdin.write(inputs.parse);
  await once(waiting.stdout, "data");
  waiting.kill("SIGINT");
  expect(await once(waiting, "exit")).toEqual([130, null]);
});

const withoutTime = (text: string): string => text.replace(/"at":"[^"]*"/, "");
