import { nodeId, siteId } from "@mailtide/shared";
import { expect, test } from "vitest";
import { backoffOf } from "../../../core/backoff.ts";
import { DelayModel } from "../../../core/model/delay-model.ts";
import { SnapshotBuilder } from "../../queue/snapshot.ts";
import { compileHops } from "../../../core/model/hops.ts";
import { lineReader } from "../../readers.ts";

const node = nodeId("mx");
const startMs = Date.UTC(2026, 10, 30, 12);
const session = [
  "smtp connected address=127.0.0.1 host=localhost",
  "smtp message msgid=a5cc611a size=226 nrcpt=2 proto=ESMTP",
  "smtp envelope evpid=a5cc611a7f1c1f58 from=<s@far.test> to=<b@own.test>",
  "smtp envelope evpid=a5cc611a88ea1f88 from=<s@far.test> to=<c@own.test>",
].map((text) => `7ff33dbeab7cf40d ${text}`);
const tries = ["7f1c1f58 b@own.test", "88ea1f88 c@own.test"].map((text) => {
  const [id = "", to = ""] = text.split(" ");
  return `7ff33dc2c103371b mta delivery evpid=a5cc611a${id} from=<s@far.test> to=<${to}> rcpt=<-> source="-" relay="127.0.0.1 (localhost)" delay=0s result="TempFail" stat="Network error on destination MXs"`;
});

/** `smtpctl remove` while it is tried: the lines of the try come when two listings have missed the message. */
test.each([0, 1, 2])(
  "after a listing that overtook the log all is counted once, with %i lines of the last try before",
  (before) => {
    const model = new DelayModel({
      site: { id: siteId("main"), targetSeconds: 300 },
      nodes: [{ id: node, ownDomains: [], backoff: backoffOf("opensmtpd"), endsWithRecipients: true }],
    });
    const read = lineReader("opensmtpd", { zone: "UTC", year: 2026 });
    if (read === null) throw new Error("no reader");
    const say = (lines: readonly string[]): void => {
      for (const line of lines)
        model.apply({ kind: "log", node, atMs: startMs, event: { ...read(line), atMs: startMs } });
    };
    const gone = (): void => {
      const atMs = startMs + 1_000;
      const snapshot = new SnapshotBuilder({ mta: "opensmtpd", atMs, hops: compileHops() }).finish();
      const vanished = [...model.knownIds(node).acceptedBefore(atMs)].filter((id) => id !== null);
      model.apply({ kind: "queue", node, atMs, endMs: atMs, snapshot, unknown: [], unknownDropped: 0, vanished });
    };
    const totals = () => model.evaluate(startMs + 2_000).facts.totals;
    say([...session, ...tries.slice(0, before)]);
    gone();
    expect(totals()).toMatchObject({ waiting: 0, unexplained: before === 1 ? 2 : 1 });
    for (const line of tries.slice(before)) {
      say([line]);
      const { accepted, waiting, left, blocked, unexplained } = totals();
      expect(accepted).toBe(waiting + left + blocked + unexplained);
    }
    expect(totals()).toMatchObject({ accepted: 1, waiting: before === 2 ? 0 : 1, unexplained: before === 2 ? 1 : 0 });
    gone();
    expect(totals()).toMatchObject({ accepted: 1, waiting: 0, left: 0, blocked: 0, unexplained: 1 });
  },
);
