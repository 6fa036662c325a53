import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const mailtide = fileURLToPath(new URL("../bin/mailtide.mjs", import.meta.url));

test("whoever reads only the first lines of what is printed is told nothing", () => {
  const line = "Jan  5 12:00:00 mx postfix/smtpd[12]: connect from unknown[192.0.2.1]";
  const pipe = `yes '${line}' | head -n 100000 | "${process.execPath}" "${mailtide}" parse --mta postfix | head -n 1`;
  const { stdout, stderr } = spawnSync("sh", ["-c", pipe], { encoding: "utf8", timeout: 60_000 });
  expect(JSON.parse(stdout)).toMatchObject({ event: "connect" });
  expect(stderr).toBe("");
});
