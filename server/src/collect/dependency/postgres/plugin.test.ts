import { dependencyId } from "@mailtide/shared";
import { expect, test } from "vitest";
import { postgres } from "./index.ts";
import { postgresWords } from "./words.ts";

test("defaults: every five seconds, two seconds' patience, SELECT 1", () => {
  const options = postgres.config.parse({ url: "postgres://mail@127.0.0.1:6432/mail" });
  expect(options).toMatchObject({ every: 5, deadline: 2, query: "SELECT 1", required: true });
  const collector = postgres.create(options, { id: dependencyId("db") });
  expect(collector).toMatchObject({
    kind: "poll",
    id: "dependency db",
    node: null,
    everySeconds: 5,
    deadlineSeconds: 3,
    limitSeconds: 42,
  });
});

test("a password stands apart from the configuration, and never shows", () => {
  const refused = postgres.config.safeParse({ url: "postgres://mail:geheim@127.0.0.1/mail" });
  expect(refused.error?.message).toContain("{env: NAME}");
  expect(refused.error?.message).not.toContain("geheim");
  process.env["MAILTIDE_TEST_URL"] = "postgres://mail:geheim@127.0.0.1/mail";
  const options = postgres.config.parse({ url: { env: "MAILTIDE_TEST_URL" } });
  delete process.env["MAILTIDE_TEST_URL"];
  expect(options.url.reveal()).toContain("geheim");
  expect(JSON.stringify(options)).not.toContain("geheim");
});

test.each([["127.0.0.1:5432"], ["mysql://mail@127.0.0.1/mail"], [""], [5432]])("not a connection string: %s", (url) => {
  expect(postgres.config.safeParse({ url }).success).toBe(false);
});

test("stop is safe without start, and twice", async () => {
  const options = postgres.config.parse({ url: "postgres://mail@127.0.0.1:1/mail" });
  const collector = postgres.create(options, { id: dependencyId("db") });
  await collector.stop();
  await collector.stop();
});

test.each(["no encryption", "SSL off"])("a role that may come by TLS only is told apart by how we came (%s)", (how) => {
  const said = `no pg_hba.conf entry for host "10.0.0.7", user "m", database "m", ${how}`;
  expect(postgresWords("28000", said, 2)).toBe(`the role may not log in without TLS: ${said} (28000)`);
  expect(postgresWords("28000", 'role "m" does not exist', 2)).toMatch(/^the role may not log in: role/u);
});
