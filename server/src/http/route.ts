import type { Request } from "express";
import type { Scope } from "@mailtide/shared";
import type { z } from "zod";
import type { Principal } from "../core/principal.ts";
import type { Connection } from "./auth/connection.ts";

/**
 * One operation of the API, described once: the router enforces what stands here and the OpenAPI document tells it.
 */
export interface Route {
  readonly method: "get" | "post" | "patch" | "delete";
  /** Express path with `:name` parameters. */
  readonly path: string;
  readonly summary: string;
  /** `principal`: any scope, but somebody. `anybody`: no credential at all. */
  readonly needs: Scope | "principal" | "anybody";
  readonly limit: "sign-in" | "write" | "none";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: z.ZodType | null;
  readonly answers: Readonly<Record<number, AnswerDoc>>;
  readonly handle: (call: Call<unknown>) => Answer | Promise<Answer>;
}
export interface AnswerDoc {
  readonly description: string;
  readonly schema?: z.ZodType;
}

export interface Call<Body> {
  readonly body: Body;
  readonly params: Readonly<Record<string, string>>;
  /** For `anybody` routes the one who happens to ask, or nobody. */
  readonly principal: Principal;
  readonly connection: Connection;
  readonly request: Request;
}

export interface Answer {
  readonly status: number;
  readonly json?: unknown;
  /** In place of `json`. One that breaks off breaks the connection, so that nobody takes a part for the whole. */
  readonly stream?: AsyncIterable<Uint8Array>;
  readonly headers?: Readonly<Record<string, string>>;
}

type RouteOf<Body> = Omit<Route, "body" | "handle" | "limit"> & {
  readonly limit?: Route["limit"];
  readonly body: z.ZodType<Body>;
  readonly handle: (call: Call<Body>) => Answer | Promise<Answer>;
};

/** A route with a body; `handle` sees it parsed. */
export function withBody<Body>(route: RouteOf<Body>): Route {
  return { limit: "write", ...route, handle: (call) => route.handle(call as Call<Body>) };
}

export function withoutBody(route: Omit<Route, "body" | "limit"> & { readonly limit?: Route["limit"] }): Route {
  return { limit: route.method === "get" ? "none" : "write", ...route, body: null };
}

export const noContent: Answer = { status: 204 };
