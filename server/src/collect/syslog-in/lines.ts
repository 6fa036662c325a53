import type { Seconds } from "@mailtide/shared";
import { type LinesRead, type LineWay, numberIn, pause } from "../lines/line-way.ts";
import type { SyslogHub } from "./hub.ts";
import type { Inbox } from "./inbox.ts";
import { TakenCount } from "./taken-count.ts";

export interface SyslogLinesOptions {
  readonly address: readonly string[];
  readonly host?: readonly string[] | undefined;
  readonly silence: Seconds;
}

/**
 * The lines that one node sends by syslog, to the collector `id`. Nobody knows of what a datagram lost on its way; what found
 * no room here is counted, and what was taken and not committed when the program was killed; and so is said when nothing
 * comes at all: that looks the same as a host that is gone.
 */
export function syslogLines(hub: SyslogHub, id: string, { address, host, silence }: SyslogLinesOptions): LineWay {
  const inbox = hub.open(address, host);
  const whom = [...address, ...(host ?? [])].join(", ");
  return {
    async run(hand, context, ended) {
      let heardMs: number | null = null;
      const handOn = async (): Promise<void> => {
        const read = taken(inbox);
        if (read.lines.length > 0) heardMs = performance.now();
        if (read.lines.length > 0 || read.loss !== null) await hand(read);
      };
      try {
        const lost = begin(inbox, hub.countPath(id), context.position);
        if (lost > 0) await hand({ ...taken(inbox), loss: { because: "dropped", lines: lost } });
        while (!ended.aborted) {
          await handOn();
          const silentSeconds = heardMs === null ? null : (performance.now() - heardMs) / 1000;
          if (silentSeconds === null) context.health("failing", `nothing has come by syslog from ${whom} yet`);
          else if (silentSeconds > silence)
            context.health("failing", `nothing has come by syslog from ${whom} for ${Math.round(silentSeconds)} s`);
          else context.health("ok", null);
          // Lines that come together are handed over together.
          await pause(gatherMs, ended);
          if (!ended.aborted) await inbox.some(idleMs);
        }
        // Senders that are made to wait go on as soon as there is room.
        const last = new AbortController();
        const closed = hub.closed().then(() => last.abort());
        while (!last.signal.aborted) {
          await handOn();
          await inbox.some(gatherMs);
        }
        await closed;
        await handOn();
      } finally {
        inbox.count?.close();
        inbox.count = null;
      }
    },
  };
}

/** How many lines an earlier run took and did not commit. */
function begin(inbox: Inbox, path: string | null, position: unknown): number {
  if (path === null) return 0;
  const { count, lost } = TakenCount.open(path, committedOf(position));
  inbox.count = count;
  return lost;
}

function committedOf(position: unknown): number {
  const count = numberIn(position, "taken") ?? 0;
  return Number.isSafeInteger(count) ? Math.max(0, count) : 0;
}

function taken(inbox: Inbox): LinesRead & { readonly loss: (LinesRead["loss"] & object) | null } {
  const { lines, dropped } = inbox.take();
  const position = inbox.count === null ? {} : { position: { taken: inbox.count.value } };
  return { lines, ...position, isOnlyHere: true, loss: dropped > 0 ? { because: "dropped", lines: dropped } : null };
}

const gatherMs = 50;
const idleMs = 500;
