import type { LiveState } from "@mailtide/shared";
import { useCallback, useContext, useRef, useSyncExternalStore } from "react";
import { LiveContext } from "./context.ts";
import type { Actions, LiveSource } from "./context.ts";
import type { Clock, LiveView } from "./model.ts";

/** A part of the live view; the component draws again only when that part is another one. */
export function useLive<T>(select: (view: LiveView) => T): T {
  const { store } = useSource();
  const latest = useRef(select);
  latest.current = select;
  const read = useCallback(() => latest.current(store.get()), [store]);
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
