// What the tests run against, and where it comes from. Nothing is mocked, so what is missing is installed, or named.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";

const onPath = (name) =>
  (process.env.PATH ?? "")
    .split(":")
    .concat("/usr/sbin", "/usr/local/sbin")
    .some((folder) => existsSync(`${folder}/${name}`));
const postgres = () =>
  onPath("initdb") ||
  (existsSync("/usr/lib/postgresql") &&
    readdirSync("/usr/lib/postgresql").some((version) => existsSync(`/usr/lib/postgresql/${version}/bin/initdb`)));

export const prerequisites = [
  {
    name: "postfix",
    packages: ["postfix"],
    present: () => onPath("postqueue") && onPath("postfix") && onPath("smtp-sink"),
  },
  { name: "postgresql", packages: ["postgresql"], present: postgres },
  { name: "influxdb", packages: ["influxdb"], present: () => onPath("influxd") },
  { name: "rspamd", packages: ["rspamd"], present: () => onPath("rspamd") },
  { name: "chromium", packages: ["chromium", "fonts-inter"], present: () => onPath("chromium") },
];

/** Returns the names that are allowed to be missing and are. Exits in words when something else cannot be had. */
export function ensurePrerequisites(allowed) {
  let missing = prerequisites.filter((each) => !each.present());
  const wanted = missing.filter((each) => !allowed.has(each.name));
  if (wanted.length > 0 && process.getuid?.() === 0 && onPath("apt-get")) {
    install(wanted.flatMap((each) => each.packages));
    missing = missing.filter((each) => !each.present());
  }
  const fatal = missing.filter((each) => !allowed.has(each.name));
  if (fatal.length > 0) {
    const names = fatal.flatMap((each) => each.packages).join(" ");
    console.error(`mailtide: the tests need ${fatal.map((each) => each.name).join(", ")}: apt-get install ${names}`);
    console.error(
      `mailtide: to go without: npm test -- ${fatal.map((each) => `--allow-missing=${each.name}`).join(" ")}`,
    );
    process.exit(1);
  }
  return missing.map((each) => each.name);
}

function install(packages) {
  console.error(`mailtide: installing ${packages.join(" ")}`);
  // Keeps the packages from starting services: the tests start instances of their own.
  const policy = "/usr/sbin/policy-rc.d";
  const ours = !existsSync(policy);
  if (ours) writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const apt = (...args) =>
      spawnSync("apt-get", ["-q", ...args], { stdio: ["ignore", 2, 2], env: environment }).status === 0;
    apt("update");
    apt("install", "-y", "--no-install-recommends", ...packages);
  } finally {
    if (ours) rmSync(policy, { force: true });
  }
  // Debian leaves none under "No configuration", and every Postfix command wants to read one.
  if (onPath("postqueue") && !existsSync("/etc/postfix/main.cf")) {
    mkdirSync("/etc/postfix", { recursive: true });
    writeFileSync("/etc/postfix/main.cf", "compatibility_level = 3.6\n");
  }
}
