import type { ReplayMark } from "@mailtide/shared";

const paths = {
  play: "M7 4l13 8l-13 8z",
  pause: "M6 4h4v16H6zM14 4h4v16h-4z",
  again: "M12 4a8 8 0 1 0 8 8h-2.6A5.4 5.4 0 1 1 12 6.6V10l6-4.7L12 .6z",
  previous: "M5 4h2.6v16H5zM20 4v16L9 12z",
  next: "M16.4 4H19v16h-2.6zM4 4l11 8L4 20z",
} as const;

export function Sign({ name }: { readonly name: keyof typeof paths }) {
  return (
    <svg className="transport-sign" viewBox="0 0 24 24" aria-hidden="true">
      <path d={paths[name]} fill="currentColor" />
    </svg>
  );
}

const shapes: Readonly<Record<ReplayMark["kind"], { readonly path: string; readonly className: string }>> = {
  page: { path: "M8 1L15.5 15H.5z", className: "is-severe mark-filled" },
  ticket: { path: "M8 3L13.8 13.8H2.2z", className: "is-late mark-hollow" },
  change: { path: "M8 1l7 7l-7 7l-7 -7z", className: "is-information mark-filled" },
};

/** A page is a full triangle, a ticket a hollow one, a change a diamond. */
export function MarkShape({ kind }: { readonly kind: ReplayMark["kind"] }) {
  const { path, className } = shapes[kind];
  return (
    <svg className={className} viewBox="0 0 16 16" aria-hidden="true">
      <path d={path} />
    </svg>
  );
}
