import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";

interface Service {
  readonly image?: string;
  readonly build?: string;
  readonly ports?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly volumes: readonly string[];
  readonly healthcheck: { readonly test: readonly string[] };
}
const fromRoot = (name: string): string => readFileSync(new URL(`../../../${name}`, import.meta.url), "utf8");
const text = fromRoot("docker-compose.yml");
const compose = parse(text) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
};

test("Mailtide waits for a healthy InfluxDB 1.8", () => {
  const { mailtide, influxdb } = compose.services;
  expect(Object.keys(compose.services)).toEqual(["mailtide", "influxdb"]);
  expect(influxdb?.image).toBe("influxdb:1.8");
  expect(mailtide?.build).toBe(".");
  expect(mailtide?.depends_on).toEqual({ influxdb: { condition: "service_healthy" } });
  for (const service of [mailtide, influxdb]) expect(service?.healthcheck.test[0]).toBe("CMD");
});

test("nothing is published beyond loopback, InfluxDB nowhere", () => {
  expect(compose.services["mailtide"]?.ports).toEqual(["127.0.0.1:4000:4000"]);
  expect(compose.services["influxdb"]?.ports).toBeUndefined();
});

test("every named volume is declared, and no secret stands in the file", () => {
  const mounted = Object.values(compose.services).flatMap(({ volumes }) => volumes.map((each) => each.split(":")[0]));
  expect(mounted.filter((each) => !each?.startsWith(".")).sort()).toEqual(Object.keys(compose.volumes).sort());
  const settings = Object.values(compose.services).flatMap(({ environment }) => Object.entries(environment));
  for (const [name, value] of settings) {
    if (/TOKEN|PASSWORD/.test(name)) expect(value).toMatch(/^\$\{\w+:\?.+\}$/);
  }
});

test("the configuration that the comments show is valid YAML and takes its secrets from what the container is given", () => {
  const shown = text.split("\n").filter((line) => /^# {3}(version|server|auth|store):/.test(line));
  const config = parse(shown.map((line) => line.slice(4)).join("\n")) as {
    readonly auth: { readonly tokens: readonly { readonly secret: { readonly env: string } }[] };
    readonly store: { readonly series: { readonly url: string; readonly password: { readonly env: string } } };
  };
  const given = Object.keys(compose.services["mailtide"]?.environment ?? {});
  expect(given).toContain(config.auth.tokens[0]?.secret.env);
  expect(given).toContain(config.store.series.password.env);
  expect(new URL(config.store.series.url).hostname).toBe("influxdb");
});

test("the image runs as an ordinary user and starts the server with the mounted configuration", () => {
  const dockerfile = fromRoot("Dockerfile");
  expect(dockerfile.match(/^FROM node:22-slim/gm)).toHaveLength(2);
  expect(dockerfile).toMatch(/^USER node$/m);
  const command = JSON.parse(/^CMD (\[.*\])$/m.exec(dockerfile)?.[1] ?? "[]") as string[];
  expect(command).toEqual(["node", "server/bin/mailtide.mjs", "serve", "--config", "/etc/mailtide/mailtide.yaml"]);
  expect(compose.services["mailtide"]?.volumes[0]).toContain(`:${command.at(-1)}:`);
});
