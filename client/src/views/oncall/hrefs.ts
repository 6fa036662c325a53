import type { IncidentId, NodeId } from "@mailtide/shared";
import { useLocation, useSearch } from "wouter";

/** What the page's address asks for; a `host` of "" is all of them. */
export interface Asked {
  readonly incident: string | null;
  readonly host: string | null;
}

export function useAsked(): Asked {
  const asked = new URLSearchParams(useSearch());
  return { incident: asked.get("incident"), host: asked.get("host") };
}

export interface Hrefs {
  /** Null: the one that a person would look at first. */
  readonly ofIncident: (id: IncidentId | null) => string;
  /** Null: all hosts. */
  readonly ofHost: (node: NodeId | null) => string;
}

/** Addresses of this page, wherever it stands. */
export function useHrefs(): Hrefs {
  const [path] = useLocation();
  return {
    ofIncident: (id) => (id === null ? path : `${path}?incident=${encodeURIComponent(id)}`),
    ofHost: (node) => `${path}?host=${encodeURIComponent(node ?? "")}`,
  };
}
