import { useState } from "react";
import { useActions, useClock, useSection } from "../../live/hooks.ts";
import { text } from "../../text/en.ts";
import { TextInput } from "../../ui/controls.tsx";
import { HostRows } from "../../ui/tiles/hosts.tsx";
import { BackLink } from "./back-link.tsx";
import { allHosts, viewsOf } from "./host-select.ts";
import { useHrefs } from "./hrefs.ts";
import { PageTitle } from "./page-title.tsx";
import { useTold } from "./use-told.ts";

/** Every host of the site: silent ones, late ones, then where most waits on us. */
export function AllHosts() {
  const queues = useSection("queues");
  const freshness = useSection("freshness");
  const delay = useSection("delay");
  const [wanted, setWanted] = useState("");
  const answer = useTold(useActions().hosts);
  const { silence } = useClock();
  const { ofHost } = useHrefs();
  if (queues === null || freshness === null || delay === null) return null;
  const figures = answer?.ok === true ? viewsOf(answer.told) : (queues.hosts?.shown ?? []);
  const { rows, count } = allHosts(
    figures,
    { collectors: freshness.collectors, silence, late: delay.lateHosts },
    wanted,
  );
  return (
    <article className="detail" data-testid="all-hosts">
      <BackLink />
      <PageTitle>{text.hosts.all}</PageTitle>
      <div className="all-hosts-filter">
        <TextInput label={text.hosts.filter} value={wanted} onChange={setWanted} />
        <span className="quiet" role="status">
          {text.hosts.count(rows.length, count)}
        </span>
      </div>
      {rows.length === 0 && <p className="quiet">{text.hosts.none}</p>}
      <HostRows rows={rows} isLate={delay.verdict === "late"} late={delay.lateHosts} hrefOf={ofHost} />
    </article>
  );
}
