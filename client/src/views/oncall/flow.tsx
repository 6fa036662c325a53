import { lazy, Suspense } from "react";
import { Link } from "wouter";
import { useClock, useSection } from "../../live/hooks.ts";
import { text } from "../../text/en.ts";
import { useFormats } from "../../ui/formats-context.tsx";
import { isAttack } from "../../ui/meaning.ts";
import { Doubts } from "../../ui/tiles/doubts.tsx";
import { Hosts } from "../../ui/tiles/hosts.tsx";
import { Needs } from "../../ui/tiles/needs.tsx";
import { Sources } from "../../ui/tiles/sources.tsx";
import { Stages } from "../../ui/tiles/stages.tsx";
import { Stuck } from "../../ui/tiles/stuck.tsx";
import { Waiting } from "../../ui/tiles/waiting.tsx";
import { Ways } from "../../ui/tiles/ways.tsx";
import { isOpen } from "../../ui/verdict.ts";
import { onlyHost } from "./host-select.ts";
import { useHrefs } from "./hrefs.ts";

// More than half of the page's script: fetched after the four questions are answered.
const TrendChart = lazy(() => import("../../chart/trend-chart.tsx"));

/** What the answers rest on: the curve, the queues, what mail flow needs, who sends. */
export function Flow() {
  const queues = useSection("queues");
  const delay = useSection("delay");
  const dependencies = useSection("dependencies");
  const stages = useSection("stages");
  const inbound = useSection("inbound");
  const trend = useSection("trend");
  const meta = useSection("meta");
  const freshness = useSection("freshness");
  const incidents = useSection("incidents")?.incidents ?? [];
  const { siteNowMs } = useClock();
  const { ofHost } = useHrefs();
  const formats = useFormats();
  if (!queues || !delay || !dependencies || !stages || !inbound || !trend || !meta || !freshness || siteNowMs === null)
    return null;
  const only = onlyHost(freshness);
  const underAttack = incidents.some(
    (incident) =>
      isOpen(incident) && incident.alerts.some(({ cause, state }) => isAttack(cause) && state !== "resolved"),
  );
  return (
    <section className="flow" aria-label={text.questions.flow}>
      <h2 className="question">{text.questions.flow}</h2>
      <div className="flow-trend">
        <Suspense fallback={<p className="trend-empty">{text.trend.loading}</p>}>
          <TrendChart
            trend={trend}
            nowMs={siteNowMs}
            targetSeconds={meta.targetSeconds}
            forecast={delay.recovery}
            formats={formats}
            mayList
          />
        </Suspense>
      </div>
      <Doubts freshness={freshness} nowMs={siteNowMs} />
      <Waiting queues={queues} isLate={delay.verdict === "late"} most={12} />
      <Hosts queues={queues} isLate={delay.verdict === "late"} late={delay.lateHosts} most={12} hrefOf={ofHost} />
      {queues.hosts === undefined && only !== null && (
        <p>
          <Link href={ofHost(only)}>
            {text.hosts.only} <bdi>{only}</bdi>
          </Link>
        </p>
      )}
      <Needs dependencies={dependencies.dependencies} nowMs={siteNowMs} mostLines={24} mostBlocked={5} />
      <Stuck stuck={delay.stuck} />
      <Stages stages={stages.stages} />
      <Sources inbound={inbound} underAttack={underAttack} isUnseen={delay.estimate?.isAll === true} most={10} />
      <Ways collectors={freshness.collectors} />
    </section>
  );
}
