import type { CollectorFreshness, EpochMs, HostDocument, IncidentView, LiveState, NodeId } from "@mailtide/shared";
import { useCallback } from "react";
import { Link } from "wouter";
import { useActions, useClock, useLive } from "../../live/hooks.ts";
import { text } from "../../text/en.ts";
import { duration } from "../../ui/duration.ts";
import { useFormats } from "../../ui/formats-context.tsx";
import { Name, Shape } from "../../ui/marks.tsx";
import { meaningOfSeverity } from "../../ui/meaning.ts";
import { SentenceText } from "../../ui/sentence.tsx";
import { Needs } from "../../ui/tiles/needs.tsx";
import { Stages } from "../../ui/tiles/stages.tsx";
import { Stuck } from "../../ui/tiles/stuck.tsx";
import { Waiting } from "../../ui/tiles/waiting.tsx";
import { BackLink } from "./back-link.tsx";
import { Course } from "./host-course.tsx";
import { collectorsOf, incidentsAt } from "./host-select.ts";
import { useHrefs } from "./hrefs.ts";
import { PageTitle } from "./page-title.tsx";
import { sinceWords } from "./select.ts";
import { useTold } from "./use-told.ts";

/** One host: is it heard of, what waits there, does it move, what is wrong with it, what does it need. */
export function Host({ node }: { readonly node: NodeId }) {
  const state = useLive((view) => view.received?.state ?? null);
  const { siteNowMs } = useClock();
  const { host: askFor } = useActions();
  const answer = useTold(useCallback(() => askFor(node), [askFor, node]));
  if (state === null || siteNowMs === null) return null;
  const host = answer?.ok === true ? answer.told : null;
  const isLate = state.delay.verdict === "late";
  const counted = state.queues.counted?.nodes.filter((each) => each.node === node) ?? [];
  const stuck = state.delay.stuck.where.filter((each) => each.node === node);
  return (
    <article className="detail host" data-testid="host" data-node={node}>
      <BackLink />
      <PageTitle>
        <bdi>{node}</bdi>
      </PageTitle>
      <Heard state={state} node={node} nowMs={siteNowMs} />
      {answer === null && <p className="quiet">{text.host.asking}</p>}
      {answer?.ok === false && (
        <p className="host-untold is-unknown" role="status">
          <Shape shape="unknown" meaning="unknown" /> {answer.error}
        </p>
      )}
      {host !== null && <Figures host={host} nowMs={siteNowMs} isLate={isLate || host.late !== null} />}
      <Wrong state={state} node={node} nowMs={siteNowMs} />
      {host !== null && (
        <section className="host-tiles">
          <Course course={host.course} />
          <div>
            <Waiting queues={queuesOf(host, counted)} isLate={isLate} most={12} />
            {counted.every((view) => view.isBeside) && <p className="quiet">{listedWords(host, siteNowMs)}</p>}
          </div>
          <Affecting host={host} state={state} nowMs={siteNowMs} />
          <Stages stages={host.stages} />
        </section>
      )}
      <Stuck stuck={{ count: stuck.length, oldestSeconds: null, where: stuck }} />
      <Read collectors={collectorsOf(state.freshness, node)} nowMs={siteNowMs} />
    </article>
  );
}

interface OfHostProps {
  readonly state: LiveState;
  readonly node: NodeId;
  readonly nowMs: EpochMs;
}

/** Whether anything below may be believed. */
function Heard({ state, node, nowMs }: OfHostProps) {
  const { silence } = useClock();
  const silent = silence?.collectors.find((collector) => collector.node === node);
  const required = collectorsOf(state.freshness, node).filter((each) => each.required);
  const oldestMs = required.reduce<EpochMs | null>(
    (oldest, { lastDataMs }) => (lastDataMs !== null && (oldest === null || lastDataMs < oldest) ? lastDataMs : oldest),
    null,
  );
  const meaning = silent !== undefined || oldestMs === null ? "unknown" : "calm";
  const age = oldestMs === null ? null : duration((nowMs - oldestMs) / 1000);
  return (
    <p className={`detail-since facts is-${meaning}`} data-testid="heard" data-meaning={meaning}>
      <span className="detail-severity">
        <Shape shape={meaning} meaning={meaning} />{" "}
        {age === null ? text.host.silentYet : silent === undefined ? text.host.well : text.host.silent(age)}
      </span>
      {silent === undefined && age !== null && <span>{text.host.old(age)}</span>}
    </p>
  );
}

interface FiguresProps {
  readonly host: HostDocument;
  readonly nowMs: EpochMs;
  readonly isLate: boolean;
}

function Figures({ host, nowMs, isLate }: FiguresProps) {
  const formats = useFormats();
  const { perSecond, waiting, late } = host;
  const own = waiting.own.count + waiting.unknown.count;
  const oldest = Math.max(waiting.own.oldestSeconds ?? 0, waiting.unknown.oldestSeconds ?? 0);
  const leftMs = host.lastDepartureAt === null ? null : Date.parse(host.lastDepartureAt);
  const rate = (of: "accepted" | "sent") => (perSecond === null ? text.host.notWatched : formats.rate(perSecond[of]));
  return (
    <dl className="now-tiles host-figures">
      <div className={own > 0 && isLate ? "is-late" : ""}>
        <dt>{text.host.waiting}</dt>
        <dd className={`now-figure ${own > 0 && isLate ? "now-figure-late" : ""}`} data-testid="host-own">
          {formats.number(own)}
        </dd>
        <dd>{own === 0 ? text.host.nothing : text.host.oldest(duration(oldest))}</dd>
        {late !== null && (
          <dd className="is-late">
            <Shape shape="steady" meaning="late" />{" "}
            {text.hosts.late(formats.number(late.count), duration(late.waitSeconds))}
          </dd>
        )}
      </div>
      <div>
        <dt>{text.host.leaving}</dt>
        <dd className={`now-figure ${perSecond === null ? "now-figure-words" : ""}`}>{rate("sent")}</dd>
        <dd>
          {leftMs === null ? text.host.neverLeft : text.host.lastLeft(duration(Math.max(0, nowMs - leftMs) / 1000))}
          {perSecond !== null && perSecond.deferred > 0 && (
            <>, {text.host.deferred(formats.rate(perSecond.deferred))}</>
          )}
        </dd>
      </div>
      <div>
        <dt>{text.host.arriving}</dt>
        <dd className={`now-figure ${perSecond === null ? "now-figure-words" : ""}`}>{rate("accepted")}</dd>
        {perSecond !== null && <dd>{text.host.refused(formats.rate(perSecond.rejected))}</dd>}
      </div>
    </dl>
  );
}

function Wrong({ state, node, nowMs }: OfHostProps) {
  const { here, ofSite } = incidentsAt(state.incidents.incidents, node);
  return (
    <section>
      <h2 className="question">{text.host.incidents}</h2>
      {here.length === 0 && <p className="quiet">{text.host.noIncident}</p>}
      <Incidents incidents={here} nowMs={nowMs} />
      {ofSite.length > 0 && <h3 className="quiet host-of-site">{text.host.ofSite}</h3>}
      <Incidents incidents={ofSite} nowMs={nowMs} />
    </section>
  );
}

function Incidents({ incidents, nowMs }: { readonly incidents: readonly IncidentView[]; readonly nowMs: EpochMs }) {
  const formats = useFormats();
  const { ofIncident } = useHrefs();
  if (incidents.length === 0) return null;
  return (
    <ul>
      {incidents.map((incident) => (
        <li key={incident.id} className={`host-incident is-${meaningOfSeverity(incident.severity)}`}>
          <Shape shape="steady" meaning={meaningOfSeverity(incident.severity)} />{" "}
          <Link href={ofIncident(incident.id)}>
            <SentenceText sentence={incident.title} nowMs={nowMs} />
          </Link>{" "}
          <span className="quiet">{sinceWords(incident, formats, nowMs)}</span>
        </li>
      ))}
    </ul>
  );
}

function Affecting({ host, state, nowMs }: { readonly host: HostDocument } & Omit<OfHostProps, "node">) {
  const affecting = new Set(host.dependencies);
  const dependencies = state.dependencies.dependencies.filter(({ id }) => affecting.has(id));
  if (dependencies.length === 0) return null;
  return <Needs dependencies={dependencies} nowMs={nowMs} mostLines={24} mostBlocked={5} />;
}

/** Every way in which this host is read, and how it fares. */
function Read({ collectors, nowMs }: { readonly collectors: readonly CollectorFreshness[]; readonly nowMs: EpochMs }) {
  if (collectors.length === 0) return null;
  return (
    <section>
      <h2 className="question">{text.host.collectors}</h2>
      <ul className="host-collectors">
        {collectors.map((collector) => (
          <CollectorRow key={collector.id} collector={collector} nowMs={nowMs} />
        ))}
      </ul>
    </section>
  );
}

function CollectorRow({ collector, nowMs }: { readonly collector: CollectorFreshness; readonly nowMs: EpochMs }) {
  const { id, state, required, lastDataMs, problem, says } = collector;
  const meaning = state === "ok" ? "calm" : "unknown";
  return (
    <li className={`is-${meaning}`} data-state={state}>
      <Shape shape={meaning} meaning={meaning} />
      <Name>{id}</Name>
      <span>
        {state !== "ok" && (
          <>
            <b className="need-word">{text.doubts.states[state]}</b>,{" "}
          </>
        )}
        {lastDataMs === null ? text.doubts.never : text.host.old(duration(Math.max(0, nowMs - lastDataMs) / 1000))}
        {!required && `, ${text.host.optional}`}
      </span>
      {[problem, says].map(
        (said) =>
          said !== null &&
          said !== undefined && (
            <p key={said}>
              <bdi>{said}</bdi>
            </p>
          ),
      )}
    </li>
  );
}

function queuesOf(host: HostDocument, counted: NonNullable<LiveState["queues"]["counted"]>["nodes"]) {
  const { queues, waiting } = host;
  const section = { queues, waiting, unexplained: 0, listedAtMs: null };
  return counted.length === 0 ? section : { ...section, counted: { ownWaiting: 0, nodes: counted } };
}

function listedWords({ listedAt }: HostDocument, nowMs: EpochMs): string {
  return listedAt === null
    ? text.host.onlyLog
    : text.host.listed(duration(Math.max(0, nowMs - Date.parse(listedAt)) / 1000));
}
