import type { AtSenders } from "@mailtide/shared";
import { text } from "../text/en.ts";
import { duration } from "./duration.ts";
import { useFormats } from "./formats-context.tsx";

/** What waits at its senders because we refused it for now: in no queue here, and in no other number. */
export function AtSendersFact({ atSenders }: { readonly atSenders: AtSenders | undefined }) {
  const formats = useFormats();
  if (atSenders === undefined) return null;
  const { count, seconds, notFollowed } = atSenders;
  return (
    <span data-testid="at-senders" data-seconds={seconds ?? ""} data-count={count}>
      {count > 0 && (
        <>
          <b>{formats.number(count)}</b>{" "}
        </>
      )}
      {count > 0 ? text.parts.atSenders(count) : text.parts.wereAtSenders}
      {seconds !== null && (
        <>
          {" "}
          <b>{duration(seconds)}</b>
        </>
      )}
      {notFollowed > 0 && `, ${text.parts.notFollowed(formats.number(notFollowed))}`}
    </span>
  );
}
