import type { HostView, QueueSection } from "@mailtide/shared";
import { useClock } from "../../live/hooks.ts";
import { text } from "../../text/en.ts";
import { duration } from "../duration.ts";
import { useFormats } from "../formats-context.tsx";
import { Name, Shape } from "../marks.tsx";
import { pickHosts, stillSeconds } from "./hosts-select.ts";

interface HostsProps {
  readonly queues: QueueSection;
  /** Ours is coloured only when it makes mail late. */
  readonly isLate: boolean;
  readonly most: number;
}

/** Where it waits: which host to look at first. */
export function Hosts({ queues: { hosts }, isLate, most }: HostsProps) {
  const formats = useFormats();
  const { silence } = useClock();
  if (hosts === undefined) return null;
  const { shown, hidden, largest } = pickHosts(hosts, most);
  if (shown.length === 0) return null;
  const silent = new Set(silence?.collectors.map(({ node }) => node));
  return (
    <div className={`hosts waiting ${isLate ? "waiting-late" : ""}`}>
      <h2 className="tile-title">{text.hosts.title}</h2>
      <ul>
        {shown.map((host) => (
          <li key={host.node} data-testid={`host-${host.node}`} data-own={host.ownQueued}>
            <Name>{host.node}</Name>
            <Bar host={host} largest={largest} />
            <span>
              <b className="tabular">{formats.number(host.ownQueued)}</b> {text.hosts.ours}
            </span>
            <span className="quiet">
              {host.oldestOwnSeconds !== null && text.queues.oldest(duration(host.oldestOwnSeconds))}
            </span>
            <Note host={host} isSilent={silent.has(host.node)} />
          </li>
        ))}
      </ul>
      {hidden > 0 && <p className="quiet">{text.hosts.more(hidden)}</p>}
    </div>
  );
}

function Bar({ host, largest }: { readonly host: HostView; readonly largest: number }) {
  const share = (count: number): string => `${(100 * count) / largest}%`;
  return (
    <span className="waiting-bar" aria-hidden="true">
      <span className="whose-own" style={{ width: share(host.ownQueued) }} />
      <span className="whose-others" style={{ width: share(host.queued - host.ownQueued) }} />
    </span>
  );
}

/** Why its figures may be worth less, or what is worse about it than that mail waits. */
function Note({ host, isSilent }: { readonly host: HostView; readonly isSilent: boolean }) {
  const { siteNowMs } = useClock();
  if (isSilent)
    return (
      <span className="hosts-note is-unknown">
        <Shape shape="unknown" meaning="unknown" /> {text.hosts.silent}
      </span>
    );
  const still = siteNowMs === null ? null : stillSeconds(host, siteNowMs);
  return still === null ? null : (
    <span className="hosts-note is-late">
      <Shape shape="steady" meaning="late" /> {text.hosts.still(duration(still))}
    </span>
  );
}
