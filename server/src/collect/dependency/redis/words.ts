import { RedisRefusal } from "./session.ts";

/** What the first word of a refusal means for whoever is on call (Redis source, `shared` in server.c; "Redis error prefixes"). */
const known: Readonly<Record<string, string | undefined>> = {
  NOAUTH: "wants a password and got none",
  WRONGPASS: "does not accept the password or the user",
  LOADING: "still loads its data after a start and answers nothing else",
  BUSY: "busy: a script holds up everything else",
  MASTERDOWN: "the replica has lost its master and is set to refuse then",
  CLUSTERDOWN: "the cluster is down",
  READONLY: "takes no writes: it is a replica",
  MISCONF: "takes no writes: its last snapshot or append to disk failed",
  OOM: "takes no writes: its memory is full and nothing may be evicted",
  NOREPLICAS: "takes no writes: too few replicas are in step",
};

export function inWords(error: unknown, doing: string): string {
  if (!(error instanceof RedisRefusal)) throw error;
  const { code, message } = error;
  if (/max number of clients/iu.test(message)) return `no connection left: ${message}`;
  if (code === "NOPERM") return `the user may not ${doing}: ${message}`;
  const words = known[code];
  return words === undefined ? `${doing} is refused: ${message}` : `${words} (${code})`;
}
