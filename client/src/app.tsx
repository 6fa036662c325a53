import { lazy, Suspense, useState } from "react";
import { Redirect, Route, Switch } from "wouter";
import { LiveContext } from "./live/context.ts";
import { startLive } from "./live/start.ts";
import { views } from "./views/index.ts";

// The lab is part of a development build, or of one that asks for it; else the bundler leaves it out.
const hasLab = import.meta.env.DEV || import.meta.env.VITE_LAB === "1";
const Lab = hasLab ? lazy(() => import("./lab/lab.tsx")) : null;

export function App() {
  return (
    <Suspense fallback={null}>
      <Switch>
        {Lab !== null && <Route path="/lab/*?" component={Lab} />}
        <Route>
          <Live />
        </Route>
      </Switch>
    </Suspense>
  );
}

function Live() {
  const [source] = useState(startLive);
  return (
    <LiveContext value={source}>
      <Switch>
        {views.map(({ path, component }) => (
          <Route key={path} path={path} component={component} />
        ))}
        <Route>
          <Redirect to="/" replace />
        </Route>
      </Switch>
    </LiveContext>
  );
}
