import { expect, test } from "vitest";
import { refusal } from "./protection.ts";

const token = { name: "wall", secret: { reveal: () => "0123456789abcdef" }, scopes: ["read"] as const };
const tls = { cert: "cert.pem", key: "key.pem" };
const proxyHeader = { header: "X-User", trustedProxies: ["192.0.2.1"], scopes: ["read"] as const };

test.each(["127.0.0.1", "127.8.8.8", "::1", "localhost"])("%s needs no protection", (host) => {
  expect(refusal({ host }, { tokens: [] })).toBeNull();
});

test.each(["0.0.0.0", "::", "192.0.2.7", "tide.example", "127.0.0.1.example", "localhost.example"])(
  "%s is beyond this machine: refused until both are there",
  (host) => {
    expect(refusal({ host }, { tokens: [] })).toMatch(/authentication .* and no TLS/);
    expect(refusal({ host }, { tokens: [token] })).toMatch(/there is no TLS/);
    expect(refusal({ host, tls }, { tokens: [] })).toMatch(/there is no authentication/);
    expect(refusal({ host, trustProxy: [] }, { tokens: [token] })).toMatch(/there is no TLS/);
    expect(refusal({ host, tls }, { tokens: [token] })).toBeNull();
    expect(refusal({ host, trustProxy: ["192.0.2.1"] }, { tokens: [], proxyHeader })).toBeNull();
  },
);

test("a secret that can be guessed is refused anywhere", () => {
  const weak = { ...token, secret: { reveal: () => "secret" } };
  expect(refusal({ host: "127.0.0.1" }, { tokens: [weak] })).toMatch(/"wall".*shorter than 16/);
});
