import { useClock, useLive } from "../../live/hooks.ts";
import { FormatsOf } from "../../ui/formats-context.tsx";
import { Gate } from "../../ui/gate.tsx";
import { TransportBar } from "../../ui/replay/transport-bar.tsx";
import { Bottom } from "./bottom.tsx";
import { Hero } from "./hero.tsx";
import { Side } from "./side.tsx";
import { TopLine } from "./top-line.tsx";
import { Trend } from "./trend.tsx";
import "./wall.css";
import "./wall-side.css";
import "./wall-small.css";

/** The screen of the operations room: read from five metres, touched by nobody, running for months. */
export default function WallView() {
  const seq = useLive((view) => view.received?.cursor.seq ?? "");
  const { stale } = useClock();
  return (
    <FormatsOf reader="site">
      <main
        className={`wall ${stale === null ? "" : "is-stale"}`}
        data-testid="root"
        data-seq={seq}
        data-stale={stale !== null}
      >
        <Gate>
          <TopLine />
          <div className="wall-body">
            <Hero />
            <Trend />
            <Side />
          </div>
          <Bottom />
          <TransportBar />
        </Gate>
      </main>
    </FormatsOf>
  );
}
