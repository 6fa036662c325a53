import { expect, test } from "vitest";
import { parseConfig } from "../../config/read.ts";
import { judgeSendmail } from "./sendmail.ts";

const judged = (queue: string) => {
  const [node] = parseConfig(`version: 1\nnodes: [{ id: mx1, collect: [${queue}] }]`, "test").nodes;
  if (node === undefined) throw new Error("no node");
  return judgeSendmail(node);
};
const listedBy = (command: string) => judged(`{ type: sendmail-queue, command: ${command} }`);

test.each(["[sendmail, -bp]", "[sudo, /usr/sbin/mailq, -v]", "[sendmail, -bp, -Ac]", '[sh, -c, "mailq && mailq -qQ"]'])(
  "%s lists the quarantine",
  (command) => expect(listedBy(command)).toMatchObject([{ verdict: "ok" }]),
);

test("what does not list the quarantine, and that the mend does", () => {
  for (const command of ['[sh, -c, "sendmail -bp"]', "[sendmail, -bp, -qGbig]", "[/opt/list-queue]"]) {
    const [finding] = listedBy(command);
    expect(finding).toMatchObject({ verdict: "missing", what: "mx1 quarantine" });
    const [line = ""] = finding?.mend?.lines ?? [];
    expect(judged(line.replace(/^ *- /, ""))).toMatchObject([{ verdict: "ok" }]);
  }
  expect(judged("{ type: sendmail-queue }")).toMatchObject([{ verdict: "ok" }]);
  expect(judged("{ type: postfix-queue }")).toEqual([]);
});
