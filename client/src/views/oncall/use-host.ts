import type { NodeId } from "@mailtide/shared";
import { useEffect, useState } from "react";
import type { HostAnswer } from "../../live/host.ts";
import { useActions } from "../../live/hooks.ts";

const everyMs = 2_000;

/** What the server says of a host, asked again and again while somebody looks; null before its first answer. */
export function useHost(node: NodeId): HostAnswer | null {
  const { host } = useActions();
  const [answer, setAnswer] = useState<HostAnswer | null>(null);
  useEffect(() => {
    let isOver = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async (): Promise<void> => {
      const said = document.visibilityState === "visible" ? await host(node) : null;
      if (isOver) return;
      if (said !== null) setAnswer(said);
      timer = setTimeout(() => void ask(), everyMs);
    };
    void ask();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [host, node]);
  return answer;
}
