import { useLocation, useSearch } from "wouter";
import { useClock, useLive, useSection } from "../../live/hooks.ts";
import { FormatsOf } from "../../ui/formats-context.tsx";
import { Gate } from "../../ui/gate.tsx";
import { TransportBar } from "../../ui/replay/transport-bar.tsx";
import { ThemeToggle } from "../../ui/theme-toggle.tsx";
import { ActionBar } from "./action-bar.tsx";
import { Detail } from "./detail.tsx";
import { Flow } from "./flow.tsx";
import { Header } from "./header.tsx";
import { IncidentList } from "./incident-list.tsx";
import { chosenIncident } from "./select.ts";
import { StaleNotice } from "./stale-notice.tsx";
import "./oncall.css";
import "./oncall-wide.css";

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
  const [path, go] = useLocation();
  const wanted = new URLSearchParams(useSearch()).get("incident");
  if (section === null) return null;
  const incident = chosenIncident(section, wanted);
  return (
    <>
      <Header />
      <StaleNotice />
      <div className="oncall-columns">
        <Detail incident={incident}>{incident !== null && <ActionBar key={incident.id} incident={incident} />}</Detail>
        <IncidentList
          section={section}
          chosen={incident?.id ?? null}
          onChoose={(id) => {
            go(`${path}?incident=${encodeURIComponent(id)}`, { replace: true });
            window.scrollTo({ top: 0 });
          }}
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
