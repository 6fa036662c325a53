import type { ReactNode } from "react";
import { useClock, useLive } from "../live/hooks.ts";
import { text } from "../text/en.ts";
import { SignIn } from "./sign-in.tsx";
import { Button } from "./controls.tsx";

/** Shows its children only when there is something known to show; else says in words why not. Never calm by default. */
export function Gate({ children }: { readonly children: ReactNode }) {
  const link = useLive((view) => view.link);
  const known = useLive((view) => view.received !== null);
  const { unreachable } = useClock();
  if (link.kind === "unauthorized") return <SignIn revoked={link.revoked} />;
  if (link.kind === "outdated") {
    return (
      <Notice title={text.link.outdated} detail={`${text.link.outdatedDetail} ${link.detail}`}>
        <Button onPress={() => window.location.reload()}>{text.link.reload}</Button>
      </Notice>
    );
  }
  if (known) return children;
  if (unreachable) return <Notice title={text.link.unreachable} detail={text.link.unreachableDetail} />;
  return <Notice title={text.link.connecting} detail={text.link.connectingDetail} />;
}

function Notice({
  title,
  detail,
  children,
}: {
  readonly title: string;
  readonly detail: string;
  readonly children?: ReactNode;
}) {
  return (
    <section className="notice" role="status">
      <div className="notice-hatch" aria-hidden="true" />
      <p className="notice-product">{text.product}</p>
      <h1 data-testid="verdict">{title}</h1>
      <p>{detail}</p>
      {children}
    </section>
  );
}
