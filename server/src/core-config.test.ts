import { nodeId } from "@mailtide/shared";
import { expect, test } from "vitest";
import { parseConfig } from "./config/read.ts";
import { coreConfig } from "./core-config.ts";

const text = `version: 1
nodes:
  - { id: mx1, ownDomains: [own.example], collect: [{ type: exim-log, path: /m }] }
  - { id: mx2, ownDomains: [own.example], collect: [{ type: postfix-queue, command: [postqueue, -c, /etc/postfix-out, -j] }] }
  - { id: mx3, ownDomains: [own.example] }
  - id: mx4
    collect: [{ type: postfix-queue, command: [postqueue, -c, /etc/postfix-out, -j] }, { type: postfix-queue }]
  - { id: mx5, collect: [{ type: agent, instances: [/etc/postfix, /etc/postfix-out] }] }`;

test("which MTA runs where is what is collected there; of a recording, what that says", () => {
  const config = parseConfig(text, "mailtide.yaml");
  expect(coreConfig(config, "live", "id", { collectors: [] }).alerts.hosts).toEqual([
    { node: "mx1", mta: "exim", postfixFolders: [] },
    { node: "mx2", mta: "postfix", postfixFolders: ["/etc/postfix-out"] },
    { node: "mx3", mta: null, postfixFolders: [] },
    { node: "mx4", mta: "postfix", postfixFolders: [null, "/etc/postfix-out"] },
    { node: "mx5", mta: "postfix", postfixFolders: ["/etc/postfix", "/etc/postfix-out"] },
  ]);
  const hosts = [{ node: nodeId("mx3"), mta: "sendmail" }];
  expect(coreConfig(config, "simulated", "id", { collectors: [], hosts }).alerts.hosts).toEqual(hosts);
});
