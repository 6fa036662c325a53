import { nodeId } from "@mailtide/shared";
import { expect, test } from "vitest";
import { mx1, ruleInput } from "../../../test/sections.ts";
import { attackSources } from "./attack-sources.ts";
import { backlogSteps, flushDestination, hostActions } from "./host-actions.ts";
import type { RuleInput } from "./rule.ts";

const [ex1, ex2, unknown] = ["ex1", "ex2", "mx9"].map(nodeId) as [typeof mx1, typeof mx1, typeof mx1];
const on = (...hosts: RuleInput["hosts"]): RuleInput => ({ ...ruleInput(), hosts });
const waiting = (input: RuleInput, ...nodes: (typeof mx1)[]): RuleInput => {
  const shown = nodes.map((node) => ({
    node,
    queued: 9,
    ownQueued: 9,
    oldestOwnSeconds: 400,
    lastDepartureMs: null,
  }));
  const queues = { ...input.sections.queues, hosts: { shown, hidden: 0, mostAt: null } };
  return { ...input, sections: { ...input.sections, queues } };
};
const typed = (actions: ReturnType<typeof hostActions>) => actions.map(({ command }) => command?.split(" ")[0]);
const said = (actions: ReturnType<typeof hostActions>) =>
  actions.map(({ label }) => label.parts.map((part) => Object.values(part)[0]).join(""));

test("on a site of one MTA its commands stand without its name", () => {
  const actions = hostActions(on({ node: ex1, mta: "exim" }, { node: ex2, mta: "exim" }), null, backlogSteps);
  expect(typed(actions)).toEqual(["exim", "exiwhat;", "exiqgrep"]);
  expect(said(actions).join()).not.toContain("Exim");
});

test("where several run, that of the host comes first at which mail waits, and each step says for which it is", () => {
  const input = on({ node: mx1, mta: "postfix" }, { node: ex1, mta: "exim" }, { node: ex2, mta: "haraka" });
  const actions = hostActions(waiting(input, ex1), null, ["show-queue"]);
  expect(typed(actions)).toEqual(["exim", "postqueue"]);
  expect(said(actions)).toEqual([
    "Show the queue by age and destination (Exim)",
    "Show the queue by age and destination (Postfix)",
  ]);
  expect(typed(hostActions(input, ex2, ["show-queue"]))).toEqual(["haraka"]);
  // It has no safe way to wake many.
  expect(hostActions(input, ex2, ["flush-staged"])).toEqual([]);
});

test("of an MTA that nobody named, what most of them understand", () => {
  expect(typed(hostActions(on({ node: unknown, mta: null }), null, ["show-queue"]))).toEqual(["mailq"]);
  expect(hostActions(on(), null, backlogSteps).map(({ command }) => command)).toEqual(["mailq | tail -n 50", null]);
});

test.each([
  ["postfix", expect.stringContaining("@far[.]example")],
  ["exim", "exim -Rf @far.example"],
  ["opensmtpd", expect.stringContaining("/@far[.]example$/")],
  ["sendmail", "sendmail -qR@far.example"],
  ["kumomta", expect.stringContaining("--domain far.example ")],
])("%s tries one destination again, and only by a plain name", (mta, command) => {
  const input = on({ node: mx1, mta });
  expect(flushDestination(input, mx1, "far.example")).toMatchObject([{ command }]);
  for (const destination of ["a.example; id", "$(id).example", "-f.example", "a'b.example", "a.example:25", ""])
    expect(flushDestination(input, mx1, destination)).toEqual([]);
});

const shownIn = (...postfixFolders: (string | null)[]) =>
  hostActions(on({ node: mx1, mta: "postfix", postfixFolders }), mx1, ["show-queue"])[0]?.command;

test("of another Postfix instance than the one that is there by default, its own queue; never by a hostile path", () => {
  expect(shownIn("/etc/postfix-out")).toBe("(export MAIL_CONFIG=/etc/postfix-out; postqueue -p | tail -n 50)");
  expect(shownIn(null)).toBe("postqueue -p | tail -n 50");
  expect(shownIn(null, "/etc/b")).toBe(
    '(for MAIL_CONFIG in "$(postconf -h config_directory)" /etc/b; do export MAIL_CONFIG; echo "== $MAIL_CONFIG"; postqueue -p | tail -n 50; done)',
  );
  for (const folder of ["/etc/x; id", "$(id)", "/etc/a b", "relative"]) expect(shownIn(folder)).toBe(shownIn());
});

test("against an attack each MTA's own settings are named", () => {
  const inbound = { spoofShare: 0.9, spoofingSources: 900, newSources: 900 };
  const input = { ...ruleInput({ inbound }), hosts: on({ node: ex1, mta: "exim" }).hosts };
  const actions = attackSources.evaluate(input, undefined, {}).signals[0]?.actions ?? [];
  expect(said(actions).join()).not.toMatch(/postscreen|reject_/);
  expect(typed(actions)).toEqual([undefined, undefined, "exim"]);
  const both = { ...input, hosts: on({ node: mx1, mta: "postfix" }, { node: ex1, mta: "exim" }).hosts };
  expect(said(attackSources.evaluate(both, undefined, {}).signals[0]?.actions ?? [])[0]).toContain(
    "(reject_unauthenticated_sender_login_mismatch)",
  );
});
