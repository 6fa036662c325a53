import type { DelaySection, HostView, LateHost, NodeId, QueueSection } from "@mailtide/shared";
import { Link } from "wouter";
import { silentHosts } from "../../live/freshness.ts";
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
  /** Those whose own mail is late while the site's is not. */
  readonly late: DelaySection["lateHosts"];
  readonly most: number;
  /** Where a host is told in full, and where all of them are listed. */
  readonly hrefOf: (node: NodeId | null) => string;
}

/** Where it waits: which host to look at first. */
export function Hosts({ queues: { hosts }, isLate, late, most, hrefOf }: HostsProps) {
  if (hosts === undefined) return null;
  const { shown, hidden } = pickHosts(hosts, most);
  return (
    <div>
      <h2 className="tile-title">{text.hosts.title}</h2>
      {shown.length === 0 && <p className="quiet">{text.queues.empty}</p>}
      <HostRows rows={shown.map((host) => ({ node: host.node, host }))} isLate={isLate} late={late} hrefOf={hrefOf} />
      <p>
        <Link href={hrefOf(null)}>{hidden > 0 ? text.hosts.more(hidden) : text.hosts.all}</Link>
      </p>
    </div>
  );
}

export interface HostRow {
  readonly node: NodeId;
  /** Null where no figures are told: a recording has those of the hosts at which most waits. */
  readonly host: HostView | null;
}

interface HostRowsProps extends Pick<HostsProps, "isLate" | "late" | "hrefOf"> {
  readonly rows: readonly HostRow[];
}

/** Each a link to all of it. */
export function HostRows({ rows, isLate, late, hrefOf }: HostRowsProps) {
  const { silence } = useClock();
  const silent = silentHosts(silence);
  const largest = Math.max(1, ...rows.map(({ host }) => host?.queued ?? 0));
  return (
    <ul className={`hosts waiting ${isLate ? "waiting-late" : ""}`}>
      {rows.map(({ node, host }) => (
        <li key={node} data-testid={`host-${node}`} data-own={host?.ownQueued}>
          <Link href={hrefOf(node)}>
            <Name>{node}</Name>
          </Link>
          <Figures host={host} largest={largest} />
          <Note host={host} late={late?.find((each) => each.node === node)} isSilent={silent.has(node)} />
        </li>
      ))}
    </ul>
  );
}

function Figures({ host, largest }: { readonly host: HostView | null; readonly largest: number }) {
  const formats = useFormats();
  if (host === null) return <span className="quiet hosts-few">{text.hosts.few}</span>;
  return (
    <>
      <Bar host={host} largest={largest} />
      <span>
        <b className="tabular">{formats.number(host.ownQueued)}</b> {text.hosts.ours}
      </span>
      <span className="quiet">
        {host.oldestOwnSeconds !== null && text.queues.oldest(duration(host.oldestOwnSeconds))}
      </span>
    </>
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

interface NoteProps {
  readonly host: HostView | null;
  readonly late: LateHost | undefined;
  readonly isSilent: boolean;
}

/** Why its figures may be worth less, or what is worse about it than that mail waits. */
function Note({ host, late, isSilent }: NoteProps) {
  const formats = useFormats();
  const { siteNowMs } = useClock();
  if (isSilent)
    return (
      <span className="hosts-note is-unknown">
        <Shape shape="unknown" meaning="unknown" /> {text.hosts.silent}
      </span>
    );
  const still = siteNowMs === null || host === null ? null : stillSeconds(host, siteNowMs);
  const words = [
    ...(late === undefined ? [] : [text.hosts.late(formats.number(late.count), duration(late.waitSeconds))]),
    ...(still === null ? [] : [text.hosts.still(duration(still))]),
  ];
  return words.length === 0 ? null : (
    <span className="hosts-note is-late">
      <Shape shape="steady" meaning="late" /> {words.join("; ")}
    </span>
  );
}
