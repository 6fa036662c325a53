import type { LiveState } from "@mailtide/shared";
import { useContext, useSyncExternalStore } from "react";
import { LiveContext } from "./context.ts";
import type { Actions, LiveSource } from "./context.ts";
import type { Clock, LiveView } from "./model.ts";

/**
 * A part of the live view; the component draws again only when that part is another one. `select` must give a part or a
 * primitive, never a new object.
 */
export function useLive<T>(select: (view: LiveView) => T): T {
  const { store } = useSource();
  const read = () => select(store.get());
  return useSyncExternalStore(store.subscribe, read, read);
}

/** One section of the state; null before the first frame. */
export function useSection<Name extends keyof LiveState>(name: Name): LiveState[Name] | null {
  return useLive((view) => view.received?.state[name] ?? null);
}

export const useClock = (): Clock => useLive((view) => view.clock);
export const useActions = (): Actions => useSource().actions;

function useSource(): LiveSource {
  const source = useContext(LiveContext);
  if (source === null) throw new Error("A view must stand inside a LiveContext.");
  return source;
}
