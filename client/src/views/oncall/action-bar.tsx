import type { IncidentView } from "@mailtide/shared";
import { useState } from "react";
import { useActions, useLive } from "../../live/hooks.ts";
import { text } from "../../text/en.ts";
import { Button } from "../../ui/controls.tsx";
import { SilenceDialog } from "./silence-dialog.tsx";

type Progress =
  | { readonly kind: "idle" }
  | { readonly kind: "busy" }
  | { readonly kind: "said"; readonly words: string; readonly failed: boolean };

/** Under the thumb: take the incident, or silence it. What a session may not do is said instead of offered. */
export function ActionBar({ incident }: { readonly incident: IncidentView }) {
  const { acknowledge } = useActions();
  const mayAct = useLive((view) => view.received?.scopes.includes("ack") ?? false);
  const [progress, setProgress] = useState<Progress>({ kind: "idle" });
  const [isSilencing, setSilencing] = useState(false);
  const isRecording = useLive((view) => view.received?.state.meta.mode === "replay");
  if (incident.state === "resolved") return null;
  if (isRecording) return <p className="action-still">{text.replay.still}</p>;
  if (!mayAct) {
    return (
      <footer className="action-bar">
        <p className="action-said">{text.actions.readOnly}</p>
      </footer>
    );
  }
  const isTaken = incident.state === "acknowledged";

  async function take(): Promise<void> {
    setProgress({ kind: "busy" });
    const ack = await acknowledge(incident.id);
    setProgress(ack.ok ? { kind: "idle" } : { kind: "said", words: ack.error, failed: true });
  }

  return (
    <footer className="action-bar">
      {progress.kind === "said" && (
        <p
          className={`action-said ${progress.failed ? "action-failed" : ""}`}
          role={progress.failed ? "alert" : "status"}
        >
          {progress.words}
        </p>
      )}
      <Button primary testId="acknowledge" isDisabled={isTaken || progress.kind === "busy"} onPress={() => void take()}>
        {isTaken
          ? text.actions.acknowledged
          : progress.kind === "busy"
            ? text.actions.acknowledging
            : text.actions.acknowledge}
      </Button>
      <Button testId="silence" onPress={() => setSilencing(true)}>
        {text.actions.silence}
      </Button>
      <SilenceDialog
        incident={incident.id}
        isOpen={isSilencing}
        onClose={() => setSilencing(false)}
        onSilenced={(words) => setProgress({ kind: "said", words, failed: false })}
      />
    </footer>
  );
}
