import type { LiveState } from "@mailtide/shared";
import { createApp } from "./app.ts";
import { openAccess } from "./auth/access.ts";
import { createListener } from "./listen.ts";
import type { MailtideServer, ServerOptions } from "./ports.ts";
import { refusal } from "./protection.ts";

/**
 * HTTP, the API and the live stream on one port. Rejects with one sentence when the settings would leave it
 * unprotected, or when a certificate cannot be read.
 */
export async function createServer(options: ServerOptions): Promise<MailtideServer> {
  const { settings, auth } = options;
  const refused = refusal(settings, auth);
  if (refused !== null) throw new Error(refused);

  const access = await openAccess(options);
  let current: LiveState | null = null;
  let turnedAtMs = performance.now();
  const app = createApp({
    ...options,
    access,
    current: () => current,
    sinceTurnMs: () => performance.now() - turnedAtMs,
  });
  const listener = createListener(app, settings);
  const stream = options.stream(listener.server, access);
  let url = settings.publicUrl ?? "";

  async function close(): Promise<void> {
    await stream.close();
    await listener.close();
  }
  let closing: Promise<void> | null = null;

  return {
    async listen() {
      const where = await listener.listen();
      url = where.url;
      return where;
    },
    publish(state, how) {
      current = state;
      turnedAtMs = performance.now();
      options.metrics.showState(state);
      stream.publish(state, how);
    },
    async oneTimeLink() {
      return `${url.replace(/\/$/, "")}/login?token=${await access.link.renew()}`;
    },
    close: () => (closing ??= close()),
  };
}
