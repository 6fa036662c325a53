declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** An installation that is watched. */
export type SiteId = Branded<"SiteId">;
/** One MTA host of a site; comes from the configuration or the agent's token, never from a logged host name. */
export type NodeId = Branded<"NodeId">;
export type DependencyId = Branded<"DependencyId">;
/** `node/type`, or `dependency id`: one thing that collects. */
export type CollectorId = Branded<"CollectorId">;
export type IncidentId = Branded<"IncidentId">;
/** `rule` and subject: the identity of an alert within its incident's site. */
export type AlertKey = Branded<"AlertKey">;

export const siteId = (text: string): SiteId => text as SiteId;
export const nodeId = (text: string): NodeId => text as NodeId;
export const dependencyId = (text: string): DependencyId => text as DependencyId;
export const collectorId = (text: string): CollectorId => text as CollectorId;
export const incidentId = (text: string): IncidentId => text as IncidentId;
export const alertKey = (text: string): AlertKey => text as AlertKey;
