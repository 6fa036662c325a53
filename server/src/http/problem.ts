import type { Response } from "express";

/** RFC 9457. `detail` is for people; nothing in it tells how the server is built. */
export interface Problem {
  readonly status: number;
  readonly title: string;
  readonly detail?: string;
  /** Which parts of the request are wrong, where that can be said. */
  readonly errors?: readonly { readonly at: string; readonly message: string }[];
}

/** Thrown by a handler, answered by the router. */
export class ProblemError extends Error {
  readonly problem: Problem;
  constructor(status: number, detail: string) {
    super(detail);
    this.problem = problem(status, detail);
  }
}

const titles: Readonly<Record<number, string>> = {
  400: "Bad request",
  401: "Sign in first",
  403: "Not allowed",
  404: "Not found",
  405: "Method not allowed",
  409: "Conflict",
  413: "Too large",
  415: "Not JSON",
  422: "Cannot be processed",
  429: "Too many requests",
  500: "Internal error",
  503: "Not available",
};

export function problem(status: number, detail?: string, errors?: Problem["errors"]): Problem {
  return {
    status,
    title: titles[status] ?? "Error",
    ...(detail === undefined ? {} : { detail }),
    ...(errors === undefined ? {} : { errors }),
  };
}

export function sendProblem(response: Response, body: Problem): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  if (body.status === 401) response.setHeader("WWW-Authenticate", 'Bearer realm="mailtide"');
  response.setHeader("Cache-Control", "no-store");
  response
    .status(body.status)
    .type("application/problem+json")
    .send(JSON.stringify({ type: "about:blank", ...body }));
}
