/** What the system says of a connection that fails, in words, by its code (errno(3), getaddrinfo(3)). */
export const socketWords: Readonly<Record<string, string | undefined>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset",
  EHOSTUNREACH: "host unreachable",
  ENETUNREACH: "network unreachable",
  ETIMEDOUT: "connection timed out",
  EPIPE: "connection closed",
  ENOTFOUND: "host name not found",
  EAI_AGAIN: "host name cannot be looked up now",
};
