import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A Perl program from a Debian package: the installed one, or unpacked among the temporary files without installing it. */
export interface Rival {
  readonly command: readonly string[];
  readonly version: string;
}

/** Ends in words when it is not there and cannot be had. */
export function rival(program: string, packages: readonly string[]): Rival {
  const installed = `/usr/sbin/${program}`;
  if (existsSync(installed) && spawnSync("perl", ["-c", installed]).status === 0)
    return { command: ["perl", installed], version: versionOf(packages) };
  const folder = join(tmpdir(), `mailtide-bench-${program}`);
  if (!existsSync(folder)) unpack(folder, packages);
  const unpacked = join(folder, "usr/sbin", program);
  const libraries = ["usr/share/perl5", ...perlFolders(folder)].map((path) => `-I${join(folder, path)}`);
  if (!existsSync(unpacked)) {
    console.error(`this benchmark needs ${program}: apt-get install ${packages[0]}`);
    process.exit(1);
  }
  return { command: ["perl", ...libraries, unpacked], version: versionOf(packages) };
}

function unpack(folder: string, packages: readonly string[]): void {
  mkdirSync(folder);
  spawnSync("apt-get", ["-q", "download", ...packages], { cwd: folder, stdio: ["ignore", "ignore", "ignore"] });
  for (const name of readdirSync(folder))
    if (name.endsWith(".deb")) spawnSync("dpkg", ["-x", join(folder, name), folder]);
}

function perlFolders(folder: string): string[] {
  const machines = join(folder, "usr/lib");
  if (!existsSync(machines)) return [];
  return readdirSync(machines).flatMap((machine) => {
    const perl = join(machines, machine, "perl5");
    return existsSync(perl) ? readdirSync(perl).map((version) => join("usr/lib", machine, "perl5", version)) : [];
  });
}

function versionOf([name = ""]: readonly string[]): string {
  const { stdout } = spawnSync("apt-cache", ["policy", name], { encoding: "utf8" });
  return /(?:Installed|Candidate): (?!\(none\))(\S+)/.exec(stdout)?.[1] ?? "?";
}
