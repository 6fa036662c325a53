// What the tests run against, and where it comes from. Nothing is mocked, so what is missing is installed, or named.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./workspace.mjs";

const onPath = (name) =>
  (process.env.PATH ?? "")
    .split(":")
    .concat("/usr/sbin", "/usr/local/sbin")
    .some((folder) => existsSync(`${folder}/${name}`));
const postgres = () =>
  onPath("initdb") ||
  (existsSync("/usr/lib/postgresql") &&
    readdirSync("/usr/lib/postgresql").some((version) => existsSync(`/usr/lib/postgresql/${version}/bin/initdb`)));

const unpackedAt = (name) => join(root, "node_modules", ".cache", "mailtide", "unpacked", name);
const isUnpacked = (name) => existsSync(join(unpackedAt(name), "complete"));

export const prerequisites = [
  {
    name: "postfix",
    packages: ["postfix"],
    present: () => onPath("postqueue") && onPath("postfix") && onPath("smtp-sink"),
  },
  { name: "postgresql", packages: ["postgresql"], present: postgres },
  {
    name: "mariadb",
    packages: ["mariadb-server-core", "mariadb-client-core", "mariadb-server"],
    present: () => onPath("mariadbd") && onPath("mariadb") && onPath("mariadb-install-db"),
  },
  { name: "influxdb", packages: ["influxdb"], present: () => onPath("influxd") },
  { name: "redis", packages: ["redis-server"], present: () => onPath("redis-server") },
  { name: "nsd", packages: ["nsd"], present: () => onPath("nsd") },
  { name: "unbound", packages: ["unbound"], present: () => onPath("unbound") },
  // A file system whose daemon can be stopped: what asks it then hangs.
  { name: "bindfs", packages: ["bindfs"], present: () => onPath("bindfs") },
  // A disk whose image lies there, and hangs with it.
  { name: "e2fsprogs", packages: ["e2fsprogs", "mount"], present: () => onPath("mkfs.ext4") && onPath("losetup") },
  { name: "slapd", packages: ["slapd", "ldap-utils"], present: () => onPath("slapd") && onPath("ldapadd") },
  {
    name: "dovecot",
    packages: ["dovecot-core", "dovecot-imapd", "dovecot-lmtpd"],
    present: () =>
      onPath("dovecot") &&
      onPath("doveadm") &&
      ["imap", "lmtp"].every((name) => existsSync(`/usr/lib/dovecot/${name}`)),
  },
  { name: "zstd", packages: ["zstd"], present: () => onPath("zstd") },
  // Logs are rotated and packed as on a host.
  {
    name: "logrotate",
    packages: ["logrotate", "xz-utils", "bzip2"],
    present: () => ["logrotate", "xz", "bzip2"].every(onPath),
  },
  { name: "openssl", packages: ["openssl"], present: () => onPath("openssl") },
  {
    name: "journald",
    packages: ["systemd"],
    present: () => onPath("journalctl") && existsSync("/lib/systemd/systemd-journald"),
  },
  // Networks of the tests' own, in which packets are lost.
  { name: "nftables", packages: ["iproute2", "nftables"], present: () => onPath("ip") && onPath("nft") },
  { name: "clamav", packages: ["clamav-daemon"], present: () => onPath("clamd") },
  { name: "rspamd", packages: ["rspamd"], present: () => onPath("rspamd") },
  { name: "spamd", packages: ["spamd", "spamc"], present: () => onPath("spamd") && onPath("spamc") },
  { name: "amavis", packages: ["amavisd-new"], present: () => onPath("amavisd") || onPath("amavisd-new") },
  // Debian has one mail system at a time: these are unpacked beside it, with what they need, and run from there.
  { name: "exim", unpacks: "exim4-daemon-light", packages: [], present: () => isUnpacked("exim") },
  { name: "opensmtpd", unpacks: "opensmtpd", packages: [], present: () => isUnpacked("opensmtpd") },
  { name: "sendmail", unpacks: "sendmail-bin", packages: [], present: () => isUnpacked("sendmail") },
  // No dependency of ours: only what it logs and lists is of interest, and it asks for a later Node than it needs.
  { name: "haraka", npm: "Haraka@3.3.4", packages: [], present: () => isUnpacked("haraka") },
  // It needs rsyslog to be installed, and nothing of that to run.
  {
    name: "postfix-exporter",
    unpacks: "prometheus-postfix-exporter",
    packages: [],
    present: () => isUnpacked("postfix-exporter"),
  },
  { name: "chromium", packages: ["chromium", "fonts-inter"], present: () => onPath("chromium") },
];

/** Returns the names that are allowed to be missing and are. Exits in words when something else cannot be had. */
export function ensurePrerequisites(allowed) {
  let missing = prerequisites.filter((each) => !each.present());
  const wanted = missing.filter((each) => !allowed.has(each.name));
  for (const { name, npm } of wanted) if (npm !== undefined) installApart(name, npm);
  if (wanted.length > 0 && process.getuid?.() === 0 && onPath("apt-get")) {
    install(wanted.flatMap((each) => each.packages));
    for (const { name, unpacks } of wanted) if (unpacks !== undefined) unpack(name, unpacks);
  }
  missing = missing.filter((each) => !each.present());
  const fatal = missing.filter((each) => !allowed.has(each.name));
  if (fatal.length > 0) {
    const names = fatal.flatMap((each) => each.packages).join(" ");
    const how = names === "" ? "run them as root, with apt-get and npm" : `apt-get install ${names}`;
    console.error(`mailtide: the tests need ${fatal.map((each) => each.name).join(", ")}: ${how}`);
    console.error(
      `mailtide: to go without: npm test -- ${fatal.map((each) => `--allow-missing=${each.name}`).join(" ")}`,
    );
    process.exit(1);
  }
  return missing.map((each) => each.name);
}

/** Installs a package of npm into a folder of its own, where nothing of ours can come to need it. */
function installApart(name, npmPackage) {
  console.error(`mailtide: installing ${npmPackage} beside the workspace`);
  const folder = unpackedAt(name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true }));
  const args = ["install", "--omit=dev", "--omit=optional", "--no-audit", "--no-fund", "--no-save", npmPackage];
  const { status } = spawnSync("npm", args, { cwd: folder, stdio: ["ignore", "ignore", "ignore"] });
  if (status === 0) writeFileSync(join(folder, "complete"), "");
}

/** Unpacks a package and what it needs and is not installed into a folder of the workspace. */
function unpack(name, debianPackage) {
  console.error(`mailtide: unpacking ${debianPackage}`);
  const folder = unpackedAt(name);
  const archives = join(folder, "archives");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(archives, "partial"), { recursive: true });
  const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const done = (program, ...args) =>
    spawnSync(program, args, { stdio: ["ignore", "ignore", 2], env: environment }).status === 0;
  // Downloading resolves what it needs; nothing is installed or removed.
  const fetch = ["-q", "-y", "--download-only", "--no-install-recommends", "-o", `Dir::Cache::archives=${archives}`];
  if (!done("apt-get", ...fetch, "install", debianPackage)) {
    done("apt-get", "-q", "update");
    done("apt-get", ...fetch, "install", debianPackage);
  }
  const files = readdirSync(archives).filter((file) => file.endsWith(".deb"));
  if (files.length > 0 && files.every((file) => done("dpkg", "-x", join(archives, file), folder)))
    writeFileSync(join(folder, "complete"), "");
}

function install(packages) {
  if (packages.length === 0) return;
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
