import type { LiveSource } from "./context.ts";
import { askHost, askHosts } from "./hosts.ts";
import { exchangeToken, takeTokenFromAddress } from "./session.ts";
import { createLiveSocket } from "./socket.ts";
import { createLiveStore } from "./store.ts";

const tickMs = 250;
const reloadAtMostEveryMs = 60_000;

/** Connects this page to its server. Called once for the life of the page. */
export function startLive(): LiveSource {
  const store = createLiveStore({
    monotonicNow: () => performance.now(),
    schedule: (flush) => requestAnimationFrame(flush),
    isVisible: () => document.visibilityState === "visible",
    onGap: (held) => socket.hello(held),
  });
  const socket = createLiveSocket(store, reloadSoon);

  setInterval(store.tick, tickMs);
  document.addEventListener("visibilitychange", store.tick);
  followVersion(store.get, store.subscribe);

  const token = takeTokenFromAddress();
  if (token === null) socket.start();
  else void exchangeToken(token).then(() => socket.start());

  return {
    store,
    actions: {
      acknowledge: (incident) => socket.acknowledge({ incident }),
      silence: (incident, forSeconds, reason) => socket.silence({ incident, forSeconds, reason }),
      transport: socket.transport,
      hosts: askHosts,
      host: askHost,
      async signIn(given) {
        const ack = await exchangeToken(given);
        if (ack.ok) socket.reconnect();
        return ack;
      },
    },
  };
}

/** Nobody touches a wall: after an upgrade of the server it fetches its own new page. */
function followVersion(get: LiveSource["store"]["get"], subscribe: LiveSource["store"]["subscribe"]): void {
  let first: string | null = null;
  subscribe(() => {
    const version = get().received?.state.meta.version ?? null;
    first ??= version;
    if (version !== null && version !== first && window.location.pathname === "/wall") reloadSoon();
  });
}

function reloadSoon(): void {
  const key = "mailtide.reloadedAt";
  const lastMs = Number(sessionStorage.getItem(key) ?? 0);
  if (Date.now() - lastMs < reloadAtMostEveryMs) return;
  sessionStorage.setItem(key, String(Date.now()));
  window.location.reload();
}
