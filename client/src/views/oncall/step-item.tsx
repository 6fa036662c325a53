import type { EpochMs } from "@mailtide/shared";
import { useState } from "react";
import { text } from "../../text/en.ts";
import { Button } from "../../ui/controls.tsx";
import { SentenceText } from "../../ui/sentence.tsx";
import type { Step } from "./select.ts";

const shownForMs = 2_500;

/** One safe step; its command is copied by hand and never run by Mailtide. */
export function StepItem({ step, nowMs }: { readonly step: Step; readonly nowMs: EpochMs }) {
  const [answer, setAnswer] = useState<string | null>(null);

  async function copy(command: string): Promise<void> {
    // On plain http beyond loopback a browser offers no clipboard.
    const done = await copied(command);
    setAnswer(done ? text.actions.copied : text.actions.copyFailed);
    setTimeout(() => setAnswer(null), shownForMs);
  }

  const { command } = step;
  return (
    <li className="step">
      <p className="step-label">
        <SentenceText sentence={step.label} nowMs={nowMs} />
      </p>
      {command !== null && (
        <>
          <code className="step-command">
            <bdi>{command}</bdi>
          </code>
          <Button onPress={() => void copy(command)}>
            <span aria-live="polite">{answer ?? text.actions.copy}</span>
          </Button>
        </>
      )}
    </li>
  );
}

async function copied(command: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(command);
    return true;
  } catch {
    return false;
  }
}
