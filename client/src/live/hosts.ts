import type { HostDocument, HostsDocument, NodeId } from "@mailtide/shared";
import { text } from "../text/en.ts";

/** A document of the server, or in words why not. */
export type Told<Document> =
  | { readonly ok: true; readonly told: Document }
  | { readonly ok: false; readonly error: string };

export const askHosts = (): Promise<Told<HostsDocument>> => ask("/api/v1/nodes");
export const askHost = (node: NodeId): Promise<Told<HostDocument>> => ask(`/api/v1/nodes/${encodeURIComponent(node)}`);

/** Never throws. */
async function ask<Document>(path: string): Promise<Told<Document>> {
  try {
    const answer = await fetch(path, { credentials: "same-origin" });
    if (answer.ok) return { ok: true, told: (await answer.json()) as Document };
    const { detail } = (await answer.json()) as { readonly detail?: string };
    return { ok: false, error: detail ?? text.link.noAnswer };
  } catch {
    return { ok: false, error: text.link.noAnswer };
  }
}
