import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunningPostfix, type RunningSink, startPostfix, startSink } from "../../../test/real/postfix.ts";
import { freePort, runProgram, type RunningProgram, until } from "../../../test/real/process.ts";
import { sendMail } from "../../../test/real/smtp-load.ts";
import type { PolicyRequest } from "./request.ts";

const child = fileURLToPath(new URL("../../../test/real/policy-child.ts", import.meta.url));
let sink: RunningSink;
let postfix: RunningPostfix;
let policy: RunningProgram;
beforeAll(async () => {
  const port = await freePort();
  policy = runProgram(process.execPath, ["--import", "tsx", child, String(port)]);
  sink = await startSink();
  const recipe = `check_policy_service { inet:127.0.0.1:${port}, timeout=1s, try_limit=1, default_action=DUNNO }`;
  postfix = await startPostfix({
    routes: { "own.test": sink.port },
    settings: { smtpd_end_of_data_restrictions: recipe },
  });
});
afterAll(async () => {
  await policy?.stop("SIGKILL");
  await postfix?.stop();
  await sink?.stop();
});

/** Sends one message, which must be taken; returns the milliseconds that it took. */
async function send(name: string): Promise<number> {
  const startedMs = performance.now();
  const mail = { clientIp: "192.0.2.9", from: `${name}@sender.test`, to: "r@own.test" };
  expect(await sendMail([mail], { port: postfix.smtpPort, by: "xclient" })).toBe(1);
  return performance.now() - startedMs;
}

test("a policy server that hangs or is gone costs at most a second and no mail", async () => {
  const heard = (name: string): PolicyRequest | undefined =>
    policy
      .output()
      .split("\n")
      .filter((line) => line.startsWith("{") && line.endsWith("}"))
      .map((line) => JSON.parse(line) as PolicyRequest)
      .find(({ sender }) => sender === `${name}@sender.test`);
  let tries = 0;
  const first = await until("it is asked", async () => {
    await send(`try${(tries += 1)}`);
    return heard(`try${tries}`);
  });
  expect(first).toMatchObject({ request: "smtpd_access_policy", client_address: "192.0.2.9", recipient: "r@own.test" });
  expect(Number(first.size)).toBeGreaterThan(0);

  const usualMs = await send("usual");
  policy.child.kill("SIGSTOP");
  const hungMs = await send("hung");
  policy.child.kill("SIGKILL");
  const killedMs = await send("killed");
  console.info(`usual ${usualMs.toFixed()} ms, stopped ${hungMs.toFixed()} ms, killed ${killedMs.toFixed()} ms`);
  // What a busy machine adds by itself.
  const noiseMs = 400;
  expect(hungMs - usualMs).toBeGreaterThan(500);
  expect(hungMs - usualMs).toBeLessThan(1_000 + noiseMs);
  expect(killedMs - usualMs).toBeLessThan(1_000 + noiseMs);
});
