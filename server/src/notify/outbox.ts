import { dedupKey } from "../core/incident/incident.ts";
import type { Effect } from "../core/alert/signal.ts";
import type { Commit } from "../store/state.ts";
import type { Notifier } from "./notifier.ts";

/** Which notifier must tell which effect, in order; goes into the commit of the turn that caused them. */
export function notificationsFor(
  effects: readonly Effect[],
  notifiers: readonly Pick<Notifier, "id" | "channels">[],
): Commit["notifications"] {
  return effects.flatMap((effect) =>
    notifiers
      .filter(({ channels }) => channels.includes(effect.channel))
      .map(({ id }) => ({ notifier: id, dedupKey: dedupKey(effect), effect })),
  );
}
