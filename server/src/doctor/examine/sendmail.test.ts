import { expect, test } from "vitest";
import { parseConfig } from "../../config/read.ts";
import { judgeLogLevel, judgeSendmail } from "./sendmail.ts";

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

const levelOf = (settings: string) => judgeLogLevel("mx1 sendmail", settings)[0];

test("what a log of a lower level leaves out, and the line that mends it", () => {
  expect(levelOf("# no word of it\n")).toMatchObject({ verdict: "ok" });
  expect(levelOf("O LogLevel=14\n")).toMatchObject({ verdict: "ok" });
  expect(levelOf("O LogLevel=9\nO LogLevel=8\n")).toMatchObject({
    verdict: "missing",
    says: "LogLevel is 8: its log does not say what is put off and why, and under which ids a mail goes on that is split over queue files",
  });
  const none = levelOf("O LogLevel=0");
  expect(none).toMatchObject({ verdict: "FAILS", says: expect.stringMatching(/delivered; nor .*comes in; nor /) });
  expect(none?.mend?.lines).toEqual(["define(`confLOG_LEVEL', `9')dnl"]);
});
