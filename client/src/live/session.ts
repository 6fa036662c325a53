import type { Ack } from "@mailtide/shared";
import { text } from "../text/en.ts";

/** Exchanges a token for a session cookie. Never throws. */
export async function exchangeToken(token: string): Promise<Ack> {
  try {
    const answer = await fetch("/api/v1/session", {
      method: "POST",
      headers: { "content-type": "application/json" },
      credentials: "same-origin",
      body: JSON.stringify({ token }),
    });
    if (answer.ok) return { ok: true };
    return { ok: false, error: answer.status === 429 ? text.signIn.tooMany : text.signIn.refused };
  } catch {
    return { ok: false, error: text.signIn.unreachable };
  }
}

/** Takes `?token=` out of the address, so that it stays in no history, screenshot or referrer. */
export function takeTokenFromAddress(): string | null {
  const address = new URL(window.location.href);
  const token = address.searchParams.get("token");
  if (token === null) return null;
  address.searchParams.delete("token");
  window.history.replaceState(null, "", address.pathname + address.search + address.hash);
  return token === "" ? null : token;
}
