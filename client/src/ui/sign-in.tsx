import { useState } from "react";
import { useActions } from "../live/hooks.ts";
import { text } from "../text/en.ts";
import { Button, TextInput } from "./controls.tsx";

/** The socket refused for want of a session: says how to get one. */
export function SignIn({ revoked }: { readonly revoked: boolean }) {
  const { signIn } = useActions();
  const [token, setToken] = useState("");
  const [state, setState] = useState<{ readonly busy: boolean; readonly error: string | null }>({
    busy: false,
    error: null,
  });

  async function submit(): Promise<void> {
    setState({ busy: true, error: null });
    const ack = await signIn(token.trim());
    setState({ busy: false, error: ack.ok ? null : ack.error });
  }

  return (
    <section className="notice" data-testid="sign-in">
      <div className="notice-hatch" aria-hidden="true" />
      <p className="notice-product">{text.product}</p>
      <h1 data-testid="verdict">{revoked ? text.signIn.revoked : text.signIn.title}</h1>
      <p>
        {text.signIn.explain}
        <code>{text.signIn.explainCommand}</code>
        {text.signIn.explainRest}
      </p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <TextInput label={text.signIn.token} value={token} onChange={setToken} secret />
        <Button type="submit" primary isDisabled={state.busy || token.trim() === ""}>
          {state.busy ? text.signIn.working : text.signIn.submit}
        </Button>
      </form>
      <p role="alert" className="notice-error">
        {state.error}
      </p>
    </section>
  );
}
