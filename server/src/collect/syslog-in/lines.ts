import type { Seconds } from "@mailtide/shared";
import { type LineWay, pause } from "../lines/line-way.ts";
import type { SyslogHub } from "./hub.ts";

export interface SyslogLinesOptions {
  readonly address: readonly string[];
  readonly host?: readonly string[] | undefined;
  readonly silence: Seconds;
}

/**
 * The lines that one node sends by syslog. Nobody knows of what a datagram lost on its way; what found no room here is
 * counted, and so is said when nothing comes at all: that looks the same as a host that is gone.
 */
export function syslogLines(hub: SyslogHub, { address, host, silence }: SyslogLinesOptions): LineWay {
  const inbox = hub.open(address, host);
  const whom = [...address, ...(host ?? [])].join(", ");
  return {
    async run(hand, context, ended) {
      let heardMs: number | null = null;
      while (!ended.aborted) {
        const { lines, dropped } = inbox.take();
        if (lines.length > 0) heardMs = performance.now();
        if (lines.length > 0 || dropped > 0)
          await hand({ lines, loss: dropped > 0 ? { because: "dropped", lines: dropped } : null });
        const silentSeconds = heardMs === null ? null : (performance.now() - heardMs) / 1000;
        if (silentSeconds === null) context.health("failing", `nothing has come by syslog from ${whom} yet`);
        else if (silentSeconds > silence)
          context.health("failing", `nothing has come by syslog from ${whom} for ${Math.round(silentSeconds)} s`);
        else context.health("ok", null);
        // Lines that come together are handed over together.
        await pause(gatherMs, ended);
        if (!ended.aborted) await inbox.some(idleMs);
      }
    },
  };
}

const gatherMs = 50;
const idleMs = 500;
