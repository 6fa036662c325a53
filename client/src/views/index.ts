import { lazy } from "react";
import type { ComponentType } from "react";

export interface View {
  readonly name: string;
  readonly path: string;
  readonly component: ComponentType;
}

/** A new view is one folder and one line here. */
export const views: readonly View[] = [
  { name: "wall", path: "/wall", component: lazy(() => import("./wall/view.tsx")) },
  { name: "oncall", path: "/", component: lazy(() => import("./oncall/view.tsx")) },
];
