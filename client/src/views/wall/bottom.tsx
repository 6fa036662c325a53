import { useClock, useSection } from "../../live/hooks.ts";
import { isAttack } from "../../ui/meaning.ts";
import { Needs } from "../../ui/tiles/needs.tsx";
import { Sources } from "../../ui/tiles/sources.tsx";
import { Stages } from "../../ui/tiles/stages.tsx";
import { Waiting } from "../../ui/tiles/waiting.tsx";
import { isOpen } from "../../ui/verdict.ts";

/** What stands on a line of the narrowest column that the grid gives to dependencies. */
const noteLine = 42;

/** What the one sentence rests on. */
export function Bottom() {
  const queues = useSection("queues");
  const delay = useSection("delay");
  const dependencies = useSection("dependencies");
  const stages = useSection("stages");
  const inbound = useSection("inbound");
  const incidents = useSection("incidents")?.incidents ?? [];
  const { siteNowMs } = useClock();
  if (
    queues === null ||
    delay === null ||
    dependencies === null ||
    stages === null ||
    inbound === null ||
    siteNowMs === null
  )
    return null;
  const underAttack = incidents.some(
    (incident) =>
      isOpen(incident) && incident.alerts.some(({ cause, state }) => isAttack(cause) && state !== "resolved"),
  );
  return (
    <section className="wall-bottom">
      <Waiting queues={queues} isLate={delay.verdict === "late"} most={4} />
      <Needs dependencies={dependencies.dependencies} nowMs={siteNowMs} mostLines={8} mostBlocked={0} line={noteLine} />
      <Stages stages={stages.stages} />
      <Sources inbound={inbound} underAttack={underAttack} isUnseen={delay.estimate?.isAll === true} most={3} />
    </section>
  );
}
