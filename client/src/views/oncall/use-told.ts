import { useEffect, useState } from "react";
import type { Told } from "../../live/hosts.ts";

const everyMs = 2_000;

/** What the server answers, asked again and again while somebody looks; null before its first answer. */
export function useTold<Document>(ask: () => Promise<Told<Document>>): Told<Document> | null {
  const [answer, setAnswer] = useState<Told<Document> | null>(null);
  useEffect(() => {
    let isOver = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const askNow = async (): Promise<void> => {
      const said = document.visibilityState === "visible" ? await ask() : null;
      if (isOver) return;
      if (said !== null) setAnswer(said);
      timer = setTimeout(() => void askNow(), everyMs);
    };
    void askNow();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [ask]);
  return answer;
}
