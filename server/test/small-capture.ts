import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** When the hand-made recording begins, and when its deliveries stop. */
export const smallDay = {
  fromMs: Date.parse("2016-05-11T09:00:00Z"),
  stopMs: Date.parse("2016-05-11T09:10:00Z"),
  changeMs: Date.parse("2016-05-11T09:09:30Z"),
  toMs: Date.parse("2016-05-11T09:40:00Z"),
} as const;

/**
 * Forty minutes of one node: a message every five seconds, delivered after two, until after ten minutes and a deploy nothing
 * is delivered any more.
 */
export async function writeSmallCapture(folder: string, name: string): Promise<void> {
  await mkdir(join(folder, "mx1"), { recursive: true });
  await writeFile(
    join(folder, "capture.yaml"),
    [
      "version: 1",
      `name: ${JSON.stringify(name)}`,
      "timezone: Africa/Johannesburg",
      "year: 2016",
      "simulated: false",
      `to: ${new Date(smallDay.toMs).toISOString()}`,
      "nodes: [{ id: mx1, mta: postfix, ownDomains: [own.test], ownHops: [10.0.0.0/8] }]",
      "",
    ].join("\n"),
  );
  const lines: [atMs: number, text: string][] = [];
  for (let atMs = smallDay.fromMs; atMs < smallDay.toMs; atMs += 5_000) {
    const id = `4A${((atMs - smallDay.fromMs) / 5_000).toString(16).toUpperCase().padStart(6, "0")}`;
    lines.push(
      [atMs, `postfix/smtpd[100]: ${id}: client=mail.example.com[192.0.2.7]`],
      [atMs, `postfix/cleanup[101]: ${id}: message-id=<${id}@example.com>`],
      [atMs, `postfix/qmgr[102]: ${id}: from=<someone@example.com>, size=2048, nrcpt=1 (queue active)`],
    );
    if (atMs >= smallDay.stopMs) continue;
    const to = "to=<user@own.test>, relay=10.0.0.9[10.0.0.9]:25, delay=2, delays=0.1/0.01/0.09/1.8, dsn=2.0.0";
    lines.push(
      [atMs + 2_000, `postfix/smtp[103]: ${id}: ${to}, status=sent (250 2.0.0 Ok)`],
      [atMs + 2_000, `postfix/qmgr[102]: ${id}: removed`],
    );
  }
  lines.sort(([a], [b]) => a - b);
  await writeFile(
    join(folder, "mx1", "mail.log"),
    lines.map(([atMs, text]) => `${new Date(atMs).toISOString().replace("Z", "000+00:00")} mx1 ${text}\n`).join(""),
  );
  const change = { startAt: new Date(smallDay.changeMs).toISOString(), title: "Code push 4182" };
  await writeFile(join(folder, "changes.jsonl"), `${JSON.stringify(change)}\n`);
}
