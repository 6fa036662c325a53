import type { Inhibition } from "../alert/signal.ts";

/** Which alerts say nothing new while another fires. They stay on the screen; they only wake nobody. */
export const inhibitions: readonly Inhibition[] = [
  // Late mail says it already; the lock says why the connections are used up.
  { source: "late-mail", targets: ["expected-wait"] },
  { source: "schema-lock", targets: ["database-saturated"] },
];
