import type { IncidentId } from "@mailtide/shared";
import { useState } from "react";
import { Dialog, Heading, Label, Modal, ModalOverlay, Radio, RadioGroup } from "react-aria-components";
import { useActions } from "../../live/hooks.ts";
import { text } from "../../text/en.ts";
import { Button, TextInput } from "../../ui/controls.tsx";
import { duration } from "../../ui/duration.ts";

interface SilenceDialogProps {
  readonly incident: IncidentId;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onSilenced: (words: string) => void;
}

const lengthsSeconds = [1800, 3600, 4 * 3600, 12 * 3600] as const;

export function SilenceDialog({ incident, isOpen, onClose, onSilenced }: SilenceDialogProps) {
  const { silence } = useActions();
  const [forSeconds, setForSeconds] = useState<number>(3600);
  const [reason, setReason] = useState("");
  const [state, setState] = useState<{ readonly busy: boolean; readonly error: string | null }>({
    busy: false,
    error: null,
  });

  async function submit(): Promise<void> {
    setState({ busy: true, error: null });
    const ack = await silence(incident, forSeconds, reason.trim());
    setState({ busy: false, error: ack.ok ? null : ack.error });
    if (!ack.ok) return;
    onSilenced(text.actions.silenced(duration(forSeconds)));
    onClose();
  }

  return (
    <ModalOverlay className="dialog-shade" isOpen={isOpen} onOpenChange={(open) => !open && onClose()} isDismissable>
      <Modal className="dialog-sheet">
        <Dialog className="dialog">
          <Heading slot="title">{text.actions.silenceTitle}</Heading>
          <p>{text.actions.silenceExplain}</p>
          <RadioGroup value={String(forSeconds)} onChange={(value) => setForSeconds(Number(value))}>
            <Label className="field-label">{text.actions.silenceFor}</Label>
            <div className="dialog-choices">
              {lengthsSeconds.map((seconds) => (
                <Radio key={seconds} value={String(seconds)}>
                  {duration(seconds)}
                </Radio>
              ))}
            </div>
          </RadioGroup>
          <TextInput
            label={text.actions.silenceReason}
            hint={text.actions.silenceReasonHint}
            value={reason}
            onChange={setReason}
          />
          <p role="alert" className="dialog-error">
            {state.error}
          </p>
          <div className="dialog-buttons">
            <Button onPress={onClose}>{text.actions.cancel}</Button>
            <Button
              primary
              testId="silence-submit"
              isDisabled={state.busy || reason.trim() === ""}
              onPress={() => void submit()}
            >
              {state.busy ? text.actions.silencing : text.actions.silenceSubmit}
            </Button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
