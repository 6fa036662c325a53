import type { EpochMs } from "@mailtide/shared";
import { detachWhole } from "../text/detach.ts";
import { placeOf } from "../text/place.ts";

/**
 * The Postfix instances of a host, each by its name with a slash. They log under their `syslog_name`, which postmulti(1)
 * makes the instance's and which may be anything: `postfix-out/smtp`, `mx-in/smtpd`. A service may have a name of its own
 * as well (`-o syslog_name=postfix/submission`), and its mail is its instance's: so a name is an instance once a daemon
 * has spoken by it that only instances have, the queue manager, cleanup or pickup. The one that is called postfix has the
 * name "", as every other program has.
 */
export class Instances {
  /** Since when each is known. */
  readonly #sinceMs = new Map<string, EpochMs>();
  /** Of the tags that came lately, as long as no other instance becomes known. A few places for them: nearly all are the same. */
  readonly #tags = Array.from({ length: places }, () => "");
  readonly #ofTags = Array.from({ length: places }, () => "");

  of(process: string | undefined, atMs: EpochMs): string {
    if (process === undefined || process === "") return "";
    const place = placeOf(process, places - 1);
    if (this.#tags[place] === process) return this.#ofTags[place] ?? "";
    const instance = this.#find(process, atMs);
    this.#tags[place] = detachWhole(process);
    this.#ofTags[place] = instance;
    return instance;
  }

  #find(process: string, atMs: EpochMs): string {
    const end = process.lastIndexOf("/");
    if (end <= 0 || (end === usual.length - 1 && process.startsWith(usual))) return "";
    const name = process.slice(0, end + 1);
    if (this.#sinceMs.has(name)) return name;
    const daemon = process.slice(end + 1);
    const inner = name.indexOf("/") < end;
    if (queueManagers.has(daemon) || (!inner && ownDaemons.has(daemon))) {
      this.note(name, atMs);
      if (this.#sinceMs.has(name)) return name;
    }
    return inner ? this.#around(name) : "";
  }

  note(instance: string, sinceMs: EpochMs): void {
    // Remote syslog may bear any name.
    if (instance === "" || instance === usual || instance.length > longest || this.#sinceMs.has(instance)) return;
    if (this.#sinceMs.size >= mostInstances) return;
    this.#sinceMs.set(instance, sinceMs);
    this.#tags.fill("");
  }

  /** Before it was known, what it said was taken to be of the one called postfix. */
  sinceMs(instance: string): EpochMs {
    return this.#sinceMs.get(instance) ?? -Infinity;
  }

  /** There is only the one called postfix. */
  get areNone(): boolean {
    return this.#sinceMs.size === 0;
  }

  names(): IterableIterator<string> {
    return this.#sinceMs.keys();
  }

  /** Whose service it is: `out/` of `out/submission/`. */
  #around(name: string): string {
    let longestAround = "";
    for (const instance of this.#sinceMs.keys())
      if (name.startsWith(instance) && instance.length > longestAround.length) longestAround = instance;
    return longestAround;
  }
}

/** By its `syslog_name`, as Postfix states it. */
export function instanceNamed(syslogName: string): string {
  return `${syslogName}/` === usual ? "" : `${syslogName}/`;
}

const usual = "postfix/";
const queueManagers = new Set(["qmgr", "oqmgr", "nqmgr"]);
const ownDaemons = new Set(["cleanup", "pickup"]);
const longest = 64;
const mostInstances = 16;
/** A power of two. */
const places = 64;
