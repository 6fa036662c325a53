import { nodeId } from "@mailtide/shared";
import { useEffect } from "react";
import { useLocation } from "wouter";
import { useClock, useLive, useSection } from "../../live/hooks.ts";
import { FormatsOf } from "../../ui/formats-context.tsx";
import { Gate } from "../../ui/gate.tsx";
import { TransportBar } from "../../ui/replay/transport-bar.tsx";
import { ThemeToggle } from "../../ui/theme-toggle.tsx";
import { ActionBar } from "./action-bar.tsx";
import { AllHosts } from "./all-hosts.tsx";
import { Detail } from "./detail.tsx";
import { Flow } from "./flow.tsx";
import { Header } from "./header.tsx";
import { Host } from "./host.tsx";
import { useAsked, useHrefs } from "./hrefs.ts";
import { IncidentList } from "./incident-list.tsx";
import { chosenIncident } from "./select.ts";
import { StaleNotice } from "./stale-notice.tsx";
import "./oncall.css";
import "./oncall-wide.css";
import "./host.css";

/** The page of the person who was woken: what is wrong, since when, why, what to do. */
export default function OncallView() {
  const seq = useLive((view) => view.received?.cursor.seq ?? "");
  const { stale } = useClock();
  return (
    <FormatsOf reader="person">
      <main
        className={`oncall ${stale === null ? "" : "is-stale"}`}
        data-testid="root"
        data-seq={seq}
        data-stale={stale !== null}
      >
        <Gate>
          <Page />
        </Gate>
      </main>
    </FormatsOf>
  );
}

function Page() {
  const section = useSection("incidents");
  const [, go] = useLocation();
  const asked = useAsked();
  const { ofIncident } = useHrefs();
  if (section === null) return null;
  const incident = asked.host === null ? chosenIncident(section, asked.incident) : null;
  return (
    <>
      <FromTheTop key={`${asked.host ?? "-"} ${asked.incident ?? ""}`} />
      <Header />
      <StaleNotice />
      <div className="oncall-columns">
        {asked.host === null && (
          <Detail incident={incident}>
            {incident !== null && <ActionBar key={incident.id} incident={incident} />}
          </Detail>
        )}
        {asked.host === "" && <AllHosts />}
        {asked.host !== null && asked.host !== "" && <Host key={asked.host} node={nodeId(asked.host)} />}
        <IncidentList
          section={section}
          chosen={incident?.id ?? null}
          onChoose={(id) => go(ofIncident(id), { replace: asked.host === null })}
        />
        <Flow />
      </div>
      <TransportBar />
      <footer className="oncall-foot">
        <ThemeToggle />
      </footer>
    </>
  );
}

/** With a key of its own for whatever is asked for, so that it stands at the top of the window when it is opened. */
function FromTheTop() {
  useEffect(() => {
    window.scrollTo({ top: 0 });
  }, []);
  return null;
}
