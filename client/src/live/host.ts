import type { HostDocument, NodeId } from "@mailtide/shared";
import { text } from "../text/en.ts";

export type HostAnswer =
  | { readonly ok: true; readonly host: HostDocument }
  | { readonly ok: false; readonly error: string };

/** Asks the server for one host in full. Never throws. */
export async function askHost(node: NodeId): Promise<HostAnswer> {
  try {
    const answer = await fetch(`/api/v1/nodes/${encodeURIComponent(node)}`, { credentials: "same-origin" });
    if (answer.ok) return { ok: true, host: (await answer.json()) as HostDocument };
    const { detail } = (await answer.json()) as { readonly detail?: string };
    return { ok: false, error: detail ?? text.link.noAnswer };
  } catch {
    return { ok: false, error: text.link.noAnswer };
  }
}
