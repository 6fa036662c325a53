import { expect, test } from "vitest";
import { mtaOfNode } from "./node.ts";
import { parseConfig } from "./read.ts";

test.each([
  ["{type: postfix-log, path: /m}, {type: rspamd-log, path: /r}", "postfix"],
  ["{type: rspamd-log, path: /r}, {type: exim-log, path: /m}", "exim"],
  ["{type: rspamd-log, path: /r}", "rspamd"],
  ["{type: agent, mta: sendmail}", "sendmail"],
  ["{type: agent}", "postfix"],
  ["{type: influx-write}", null],
])("on a node with %s runs %s", (collect, mta) => {
  const text = `version: 1\nnodes: [{ id: mx1, ownDomains: [own.example], collect: [${collect}] }]`;
  const [node] = parseConfig(text, "mailtide.yaml").nodes;
  expect(node && mtaOfNode(node)).toBe(mta);
});
