import { useMemo } from "react";
import { Link, useLocation } from "wouter";
import { LiveContext } from "../live/context.ts";
import { views } from "../views/index.ts";
import { frames } from "./frames/index.ts";
import { labSource } from "./source.ts";
import "./lab.css";

/** Every view on every recorded frame: `/lab/VIEW/FRAME`. */
export default function Lab() {
  const [path] = useLocation();
  const [, , viewName, frameId] = path.split("/");
  const view = views.find(({ name }) => name === viewName);
  const frame = frames.find(({ id }) => id === frameId);
  const source = useMemo(() => (frame === undefined ? null : labSource(frame)), [frame]);
  if (view === undefined || source === null) return <Contents />;
  const Shown = view.component;
  return (
    <LiveContext value={source}>
      <Shown />
    </LiveContext>
  );
}

function Contents() {
  return (
    <main className="lab">
      <h1>Lab</h1>
      <ul>
        {frames.map((frame) => (
          <li key={frame.id}>
            <span>{frame.title}</span>
            {views.map(({ name }) => (
              <Link key={name} href={`/lab/${name}/${frame.id}`}>
                {name}
              </Link>
            ))}
          </li>
        ))}
      </ul>
    </main>
  );
}
