/** Milliseconds since 1970-01-01T00:00:00Z. Instants are kept like this everywhere inside; outside documents use ISO 8601 UTC. */
export type EpochMs = number;
/** A duration in seconds; may be fractional. */
export type Seconds = number;
/** A duration in milliseconds. */
export type Millis = number;
export type Bytes = number;
/** A number from 0 to 1. */
export type Share = number;
/** Events per second. */
export type PerSecond = number;
