import type { ReactNode } from "react";
import { Button as AriaButton, Input, Label, Text, TextField, ToggleButton } from "react-aria-components";
import type { ButtonProps as AriaButtonProps } from "react-aria-components";

interface ButtonProps extends Pick<AriaButtonProps, "onPress" | "type" | "isDisabled" | "slot"> {
  readonly children: ReactNode;
  readonly primary?: boolean;
  readonly testId?: string;
  /** What is read aloud, where what is shown is a sign. */
  readonly label?: string;
}

export function Button({ children, primary = false, testId, label, ...rest }: ButtonProps) {
  return (
    <AriaButton
      {...rest}
      {...(label === undefined ? {} : { "aria-label": label })}
      className={`button ${primary ? "button-primary" : ""}`}
      data-testid={testId}
    >
      {children}
    </AriaButton>
  );
}

interface TextInputProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly hint?: string;
  readonly secret?: boolean;
}

export function TextInput({ label, value, onChange, hint, secret = false }: TextInputProps) {
  return (
    <TextField
      className="field"
      value={value}
      onChange={onChange}
      type={secret ? "password" : "text"}
      autoComplete="off"
      maxLength={secret ? 4096 : 200}
    >
      <Label>{label}</Label>
      <Input />
      {hint !== undefined && <Text slot="description">{hint}</Text>}
    </TextField>
  );
}

interface ToggleProps {
  readonly isSelected: boolean;
  readonly onChange: (isSelected: boolean) => void;
  readonly label: string;
  readonly children: ReactNode;
}

export function Toggle({ isSelected, onChange, label, children }: ToggleProps) {
  return (
    <ToggleButton className="button button-toggle" isSelected={isSelected} onChange={onChange} aria-label={label}>
      {children}
    </ToggleButton>
  );
}
