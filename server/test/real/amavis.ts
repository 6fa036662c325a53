import { chmodSync, chownSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deviceLog, type RunningJournal } from "./journald.ts";
import { type RunningFamily, startFamily } from "./family.ts";
import { freePort, idsOf, need, temporaryFolder } from "./process.ts";
import { speakSmtp } from "./smtp-client.ts";

/** An own amavisd with two children: it looks for spam, discards it, and gives the rest to a port of this host. */
export interface RunningAmavis extends RunningFamily {
  readonly port: number;
  stop(): Promise<void>;
}

export interface AmavisOptions {
  readonly returnPort: number;
  readonly journal: RunningJournal;
}

export async function startAmavis({ returnPort, journal }: AmavisOptions): Promise<RunningAmavis> {
  const program = need("amavisd", "amavisd-new");
  const folder = temporaryFolder("amavis");
  chmodSync(folder.path, 0o755);
  const port = await freePort();
  const home = join(folder.path, "home");
  for (const path of [home, join(home, "tmp")]) {
    mkdirSync(path);
    const owner = idsOf("amavis");
    if (owner !== null) chownSync(path, owner.uid, owner.gid);
  }
  const conf = join(folder.path, "amavisd.conf");
  writeFileSync(conf, configuration({ home, port, returnPort }));
  const family = await startFamily({
    name: "amavisd",
    steps: ["set -e", deviceLog(folder.path, journal.devLog), `exec ${program} -c '${conf}' foreground`],
    port,
    isReady: async () => (await speakSmtp(port, ["QUIT"])).length > 0,
  });
  return {
    ...family,
    port,
    async stop() {
      await family.kill();
      folder.remove();
    },
  };
}

interface Places {
  readonly home: string;
  readonly port: number;
  readonly returnPort: number;
}

/** The syslog settings are Debian's; lines by recipient, which Debian leaves out, are as shipped by amavis itself. */
const configuration = ({ home, port, returnPort }: Places): string => `use strict;
$max_servers = 2;
$daemon_user = 'amavis';
$daemon_group = 'amavis';
$MYHOME = '${home}';
$TEMPBASE = "$MYHOME/tmp";
$ENV{TMPDIR} = $TEMPBASE;
$pid_file = "$MYHOME/amavisd.pid";
$lock_file = "$MYHOME/amavisd.lock";
$QUARANTINEDIR = undef;
$spam_quarantine_method = undef;
$enable_db = 0;
$enable_zmq = 0;
$enable_dkim_verification = 0;
$myhostname = 'mx.test';
@local_domains_maps = (['.own.test']);
$do_syslog = 1;
$syslog_ident = 'amavis';
$syslog_facility = 'mail';
$log_level = 0;
$inet_socket_bind = '127.0.0.1';
$inet_socket_port = ${port};
$forward_method = 'smtp:[127.0.0.1]:${returnPort}';
$notify_method = $forward_method;
$final_spam_destiny = D_DISCARD;
@bypass_virus_checks_maps = (1);
$sa_local_tests_only = 1;
$sa_tag2_level_deflt = 6;
$sa_kill_level_deflt = 6;
1;
`;
