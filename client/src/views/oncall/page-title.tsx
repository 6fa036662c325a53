import type { ReactNode } from "react";

/** The title of what was opened: reading aloud and the keyboard go on from here, not from the link that is gone. */
export function PageTitle({ children }: { readonly children: ReactNode }) {
  return (
    <h1 className="page-title" tabIndex={-1} ref={takeFocus}>
      {children}
    </h1>
  );
}

function takeFocus(title: HTMLElement | null): void {
  title?.focus({ preventScroll: true });
}
