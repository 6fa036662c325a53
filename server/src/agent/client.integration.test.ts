import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import { type AddressInfo, createServer as createSilent } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createClient, Refused } from "./client.ts";

test("over TLS only a server whose certificate is known is spoken to, and its refusals are told apart", async () => {
  const folder = mkdtempSync(join(tmpdir(), "mailtide-tls-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
  const made = ["req", "-x509", "-nodes", "-days", "2", ...kind, "-keyout", key, "-out", cert, ...subject];
  execFileSync("openssl", made, { stdio: "pipe" });
  const good = { protocol: 1, taken: true, received: 3, committed: 2, receivedAtMs: 1, answeredAtMs: 2 };
  const answers: [number, object | string][] = [];
  const heard: (string | undefined)[] = [];
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
    heard.push(request.headers.authorization);
    request.resume().on("end", () => {
      const [status, body] = answers.shift() ?? [500, ""];
      response.writeHead(status).end(typeof body === "string" ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `https://localhost:${(server.address() as AddressInfo).port}`;
  const signal = AbortSignal.timeout(60_000);
  const known = createClient({ url, token: "secret", ca: cert });
  const stranger = createClient({ url, token: "secret" });
  const post = () => known.post(new Uint8Array([1]), signal);
  try {
    await expect(stranger.post(new Uint8Array([1]), signal)).rejects.toThrow(/^the certificate is signed by itself$/);
    expect(heard).toEqual([]);
    const whole = { ...good, pauseMs: 500, wanted: {}, refused: 0, added: "later" };
    answers.push([200, whole], [409, { ...whole, taken: false }]);
    expect(await post()).toMatchObject(good);
    expect(await post()).toMatchObject({ taken: false });
    expect(heard).toEqual(["Bearer secret", "Bearer secret"]);
    answers.push([403, { detail: "Not this node." }], [401, {}], [200, "<html>"], [404, "<html>"]);
    await expect(post()).rejects.toThrow(new Refused("Not this node."));
    await expect(post()).rejects.toThrow(new Refused("the server does not know this token"));
    const other = `what answers at ${url} is no Mailtide server, or one that is too old`;
    await expect(post()).rejects.toThrow(new Refused(other));
    await expect(post()).rejects.toThrow(new Refused(`${other}: it answers 404`));
    answers.push([503, { detail: "Stopping." }], [429, {}]);
    await expect(post()).rejects.not.toBeInstanceOf(Refused);
    await expect(post()).rejects.not.toBeInstanceOf(Refused);
  } finally {
    known.close();
    stranger.close();
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  }
});

test("where nobody listens, one who does not answer, and authorities that cannot be read are said in words", async () => {
  const folder = mkdtempSync(join(tmpdir(), "mailtide-ca-"));
  const empty = join(folder, "empty.pem");
  writeFileSync(empty, "");
  try {
    await expect(asking("http://127.0.0.1:9")).rejects.toMatchObject({
      message: "connection refused",
      code: "ECONNREFUSED",
    });
    const hung = createSilent().listen(0, "127.0.0.1");
    await once(hung, "listening");
    const client = createClient({
      url: `http://127.0.0.1:${(hung.address() as AddressInfo).port}`,
      token: "secret",
      deadlineMs: 100,
    });
    await expect(client.introduce(new AbortController().signal)).rejects.toThrow(/^no answer in time$/);
    client.close();
    hung.close();
    for (const [ca, why] of [
      ["/none.pem", "/none.pem does not exist"],
      [folder, `${folder} is a folder, not a file`],
      [empty, `${empty} holds no certificate in PEM`],
    ] as const)
      await expect(asking("https://127.0.0.1:9", ca)).rejects.toThrow(`agent.ca: ${why}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

async function asking(url: string, ca?: string): Promise<unknown> {
  const client = createClient({ url, token: "secret", ca });
  return client.introduce(AbortSignal.timeout(60_000)).finally(() => client.close());
}
