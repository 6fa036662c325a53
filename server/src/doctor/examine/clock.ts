import { run } from "../../host/run.ts";
import { command, type Finding, ok } from "../finding.ts";

/** Whether this host's clock is held right, asked of systemd and of chrony. */
export async function clock(): Promise<Finding[]> {
  const [systemd, chrony] = await Promise.all([
    run("timedatectl", ["show", "--property=NTPSynchronized", "--value"]),
    run("chronyc", ["-n", "tracking"]),
  ]);
  const said = systemd.ok ? systemd.stdout.trim() : null;
  const leap = chrony.ok ? (/^Leap status\s*:\s*(.*)$/m.exec(chrony.stdout)?.[1]?.trim() ?? null) : null;
  return [judgeClock(said, leap)];
}

/** `systemd`: yes or no; `leap`: chrony's "Leap status"; null where it cannot be asked. */
export function judgeClock(systemd: string | null, leap: string | null): Finding {
  const what = "clock of this host";
  if (systemd === "yes" || leap === "Normal") return ok(what, "synchronised");
  if (systemd === null && leap === null)
    return {
      verdict: "note",
      what,
      says: "whether it is synchronised cannot be told here (no systemd and no chrony; in a container it is the host's)",
    };
  return {
    verdict: "missing",
    what,
    says: "it is not synchronised",
    why: "Waits over several hosts are differences of their clocks: a minute off is a minute of delay that never was, or that nobody sees.",
    mend: command("timedatectl set-ntp true"),
  };
}
