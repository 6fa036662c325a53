import { request as httpRequest } from "node:http";
import { afterEach } from "vitest";
import { secrets, serve as start } from "./serving.ts";
import type { Serving } from "./serving.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
/** Runs when the test has ended, the last one first. */
export const afterwards = (close: () => unknown): unknown => closers.push(close);

/** Served until the test has ended. */
export async function serve(...said: Parameters<typeof start>): Promise<Serving> {
  const serving = await start(...said);
  afterwards(() => serving.server.close());
  return serving;
}

export interface Asked {
  readonly as?: keyof typeof secrets | { readonly token: string };
  readonly cookie?: string;
  readonly origin?: string;
  readonly json?: unknown;
  readonly headers?: Record<string, string>;
}
export function ask({ url }: Serving, method: string, path: string, asked: Asked = {}): Promise<Response> {
  const secret = typeof asked.as === "string" ? secrets[asked.as] : asked.as?.token;
  return fetch(url + path, {
    method,
    redirect: "manual",
    headers: {
      ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }),
      ...(asked.cookie === undefined ? {} : { cookie: asked.cookie }),
      ...(asked.origin === undefined ? {} : { origin: asked.origin }),
      ...(asked.json === undefined ? {} : { "content-type": "application/json" }),
      ...asked.headers,
    },
    ...(asked.json === undefined ? {} : { body: JSON.stringify(asked.json) }),
  });
}
export const cookieOf = (response: Response): string => (response.headers.get("set-cookie") ?? "").split(";")[0] ?? "";

/** fetch does not let a program choose its Host. */
export function askAs(host: string, { port }: Serving, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: "127.0.0.1", port, path, headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on("error", reject).end();
  });
}
