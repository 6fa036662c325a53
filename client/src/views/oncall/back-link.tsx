import { Link } from "wouter";
import { text } from "../../text/en.ts";
import { useHrefs } from "./hrefs.ts";

/** From a host to the four questions. */
export function BackLink() {
  const { ofIncident } = useHrefs();
  return (
    <p className="back-link">
      <Link href={ofIncident(null)}>
        <span aria-hidden="true">←</span> {text.host.back}
      </Link>
    </p>
  );
}
