import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunningPostfix, type RunningSink, startPostfix, startSink } from "../../../test/real/postfix.ts";
import { freePort, runProgram, type RunningProgram, until } from "../../../test/real/process.ts";
import { sendMail } from "../../../test/real/smtp-load.ts";
import type { PolicyRequest } from "./request.ts";

const child = fileURLToPath(new URL("../../../test/real/policy-child.ts", import.meta.url));
let sink: RunningSink;
let postfix: RunningPostfix;
let port: number;
let policy: RunningProgram;
const startPolicy = (): RunningProgram => runProgram(process.execPath, ["--import", "tsx", child, String(port)]);
beforeAll(async () => {
  port = await freePort();
  policy = startPolicy();
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

/** Asked by this Postfix about a mail that was sent under such a name; null when it was not. */
const heard = (name: string): PolicyRequest | undefined =>
  policy
    .output()
    .split("\n")
    .filter((line) => line.startsWith("{") && line.endsWith("}"))
    .map((line) => JSON.parse(line) as PolicyRequest)
    .find(({ sender }) => sender === `${name}@sender.test`);

let tries = 0;
const isAsked = (): Promise<PolicyRequest> =>
  until("it is asked", async () => {
    await send(`try${(tries += 1)}`);
    return heard(`try${tries}`);
  });

test("a policy server that hangs or is gone costs at most a second and no mail", async () => {
  const first = await isAsked();
  expect(first).toMatchObject({ request: "smtpd_access_policy", client_address: "192.0.2.9", recipient: "r@own.test" });
  expect(Number(first.size)).toBeGreaterThan(0);

  // A busy machine delays the one or the other, but lets none be quicker than it may be.
  const rounds: { readonly usualMs: number; readonly hungMs: number; readonly killedMs: number }[] = [];
  for (let round = 1; round <= 3; round += 1) {
    const usualMs = await send(`usual${round}`);
    policy.child.kill("SIGSTOP");
    const hungMs = await send(`hung${round}`);
    await policy.stop("SIGKILL");
    const killedMs = await send(`killed${round}`);
    rounds.push({ usualMs, hungMs, killedMs });
    policy = startPolicy();
    await isAsked();
  }
  console.info(
    rounds
      .map(({ usualMs, hungMs, killedMs }) => [usualMs, hungMs, killedMs].map((ms) => ms.toFixed()).join(" "))
      .join("; "),
    "ms: usual, stopped, killed",
  );
  const usualMs = Math.min(...rounds.map((each) => each.usualMs));
  const hungMs = Math.min(...rounds.map((each) => each.hungMs));
  const killedMs = Math.min(...rounds.map((each) => each.killedMs));
  // What the mail itself takes now and then.
  const noiseMs = 400;
  expect(hungMs - usualMs).toBeGreaterThan(500);
  expect(hungMs - usualMs).toBeLessThan(1_000 + noiseMs);
  expect(killedMs - usualMs).toBeLessThan(1_000 + noiseMs);
});
