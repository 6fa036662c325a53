import type { Cure } from "./cure.ts";
import { command, shellWord } from "./finding.ts";

const place = String.raw`((?:[\w.-]+|\[[\da-fA-F:.]+\])):(\d{1,5})`;
const bare = (host: string): string => shellWord(host.replace(/^\[|\]$/g, ""));

/** Whoever is asked over the network and is not come at: the command that tells the address from the network from the program. */
export const unreachedCures: readonly Cure[] = [
  {
    symptom: new RegExp(`${place}.*(?:name not found|cannot be looked up now|is not known)`),
    why: "Either the name is mistyped, or the resolver of this host does not know it.",
    mend: ([, host = ""]) => command(`getent hosts ${bare(host)} # nothing: correct it in mailtide.yaml`),
  },
  {
    symptom: new RegExp(
      `${place}.*(?:connection refused|refuses connections|unreachable|cannot be reached|timed out|does not answer|no answer within)`,
    ),
    why: "Either it does not run, or it listens at another address, or something between here and there keeps connections away.",
    mend: ([, host = "", port = ""]) =>
      command(`curl -v --max-time 3 ${shellWord(`telnet://${host}:${port}`)} # from this host, as this user`),
  },
  {
    of: /^dependency /,
    symptom: /(\/\S+?):? does not exist/,
    why: "Either the path is mistyped, or what makes this file does not run.",
    mend: ([, path = ""]) => command(`ls -ld ${shellWord(path)} # nothing: correct it in mailtide.yaml`),
  },
];
