// The one dependency rule, checked. A cruise that saw no modules is a failure: it proves nothing.
import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { transformFileSync } from "@swc/core";
import { cruise } from "dependency-cruiser";
import { root } from "./workspace.mjs";

const under = (folder) => `^server/src/${folder}/`;
const forbid = (name, from, to, comment) => ({ name, severity: "error", comment, from, to });
const sides = ["collect", "store", "notify", "stream", "http"];

const forbidden = [
  forbid("no-cycles", {}, { circular: true }, "modules that need each other cannot be read alone"),
  forbid(
    "core-is-pure",
    { path: under("core"), pathNot: "\\.test\\.ts$" },
    { pathNot: [under("core"), "^shared/", "^@mailtide/shared"] },
    "core imports core and shared only",
  ),
  ...sides.map((side) =>
    forbid(
      `${side}-stands-alone`,
      { path: under(side), pathNot: "\\.test\\.ts$" },
      {
        path: "^server/src/",
        pathNot: [
          under(side),
          under("core"),
          under("observe"),
          under("loop"),
          under("unpack"),
          under("config") + "(duration|secret|complaints|unreadable|disk-words|folder|certificate)\\.ts",
          ...(side === "collect" ? [under("host") + "program\\.ts"] : []),
          ...(side === "notify" ? [under("store") + "state\\.ts"] : []),
          ...(side === "http" ? [under("store") + "state\\.ts", under("stream")] : []),
        ],
      },
      `${side} imports core, shared and observe`,
    ),
  ),
  forbid(
    "flow-knows-ports-only",
    { path: under("flow"), pathNot: "\\.test\\.ts$" },
    {
      path: "^server/src/",
      pathNot: [
        under("flow"),
        under("core"),
        under("loop"),
        under("observe"),
        under("store") + "(series|state)\\.ts",
        under("collect") + "(collector|schedule)\\.ts",
        under("notify") + "notifier\\.ts",
      ],
    },
    "flow imports core and ports",
  ),
  forbid(
    "replay-knows-ports-only",
    { path: under("replay"), pathNot: "\\.test\\.ts$" },
    {
      path: "^server/src/",
      pathNot: [
        under("replay"),
        under("core"),
        under("flow"),
        under("unpack"),
        under("config") + "(complaints|error|unreadable|yaml)\\.ts",
        "^server/src/version\\.ts",
      ],
    },
    "replay imports core, ports, and what tells what is wrong with a document",
  ),
  forbid(
    "capture-knows-no-side",
    { path: under("capture"), pathNot: "\\.test\\.ts$" },
    {
      path: "^server/src/",
      pathNot: [
        under("capture"),
        under("core"),
        under("unpack"),
        under("replay") + "rows\\.ts",
        under("config") + "(disk-words|folder)\\.ts",
      ],
    },
    "capture imports core, what unpacks, and how replay reads its rows",
  ),
  forbid(
    "index-stands-on-the-engine",
    { path: under("index"), pathNot: "\\.test\\.ts$" },
    {
      path: "^server/src/",
      pathNot: [
        under("index"),
        under("core"),
        under("store") + "(embedded|worker|errors)",
        under("flow") + "journal\\.ts",
      ],
    },
    "the message index imports core, the journal's form and the embedded engine",
  ),
  forbid(
    "simulate-knows-no-answers",
    { path: under("simulate"), pathNot: "\\.test\\.ts$" },
    { path: [under("core/detect"), under("core/model")] },
    "the simulator must not share the assumptions that it tests",
  ),
  forbid(
    "host-knows-the-machine-only",
    { path: under("host"), pathNot: "\\.test\\.ts$" },
    { path: "^server/src/", pathNot: [under("host")] },
    "what runs here and how it is set is told without knowing what is made of it",
  ),
  forbid(
    "loop-knows-the-event-loop-only",
    { path: under("loop"), pathNot: "\\.test\\.ts$" },
    { path: "^server/src/", pathNot: [under("loop")] },
    "how the event loop is shared is told without knowing by what",
  ),
  forbid(
    "unpack-knows-bytes-only",
    { path: under("unpack"), pathNot: "\\.test\\.ts$" },
    { path: "^server/src/", pathNot: [under("unpack")] },
    "unpacking bytes takes nothing of ours",
  ),
  forbid(
    "doctor-is-asked",
    { path: "^server/src/", pathNot: [under("cli"), under("doctor"), "\\.test\\.ts$"] },
    { path: under("doctor") },
    "the doctor looks at all parts, and no part at the doctor: only cli asks it",
  ),
  forbid(
    "app-is-the-root",
    { path: "^server/src/", pathNot: ["^server/src/(main|app)\\.ts", under("cli"), "\\.test\\.ts$"] },
    { path: "^server/src/app\\.ts" },
    "only main and cli import the composition root",
  ),
  forbid(
    "views-stand-alone",
    { path: "^client/src/views/([^/]+)/" },
    { path: "^client/src/views/", pathNot: "^client/src/views/$1/" },
    "no view imports a view",
  ),
  forbid(
    "live-has-no-component",
    { path: "^client/src/live/" },
    { path: "^client/src/(views|ui|chart|lab)/" },
    "live knows no component",
  ),
  forbid(
    "charts-in-chart",
    { path: "^client/src/", pathNot: "^client/src/chart/" },
    { path: "recharts" },
    "only chart imports recharts",
  ),
  forbid("client-never-server", { path: "^client/" }, { path: "^server/" }, "the client draws what the server says"),
];

// The last release for Node 20 cannot parse JSX through swc, so it is shown a mirror in which JSX is compiled away.
const mirror = mkdtempSync(join(tmpdir(), "mailtide-cruise-"));
process.on("exit", () => rmSync(mirror, { recursive: true, force: true }));
symlinkSync(join(root, "node_modules"), join(mirror, "node_modules"));
for (const folder of ["server/src", "client/src", "shared/src"]) {
  cpSync(join(root, folder), join(mirror, folder), { recursive: true });
  for (const name of readdirSync(join(mirror, folder), { recursive: true })) {
    if (!name.endsWith(".tsx")) continue;
    const file = join(mirror, folder, name);
    const parser = { syntax: "typescript", tsx: true };
    writeFileSync(file, transformFileSync(file, { swcrc: false, jsc: { parser, target: "es2022" } }).code);
  }
}

const { output } = await cruise(["server/src", "client/src", "shared/src"], {
  baseDir: mirror,
  ruleSet: { forbidden },
  validate: true,
  tsPreCompilationDeps: true,
  doNotFollow: { path: "node_modules" },
  exclude: { path: "/dist/" },
  parser: "swc",
});
const { summary, modules } = output;
const own = modules.filter((module) => /^(server|client|shared)\/src\//.test(module.source));
for (const { rule, from, to } of summary.violations) console.error(`${rule.name}: ${from} -> ${to}`);
console.log(
  `${own.length} modules, ${summary.totalDependenciesCruised} dependencies, ${summary.violations.length} violations`,
);
if (own.length < 20 || summary.totalDependenciesCruised === 0) {
  console.error("mailtide: the dependency checker saw next to nothing: it proves nothing");
  process.exit(1);
}
process.exitCode = summary.violations.length === 0 ? 0 : 1;
