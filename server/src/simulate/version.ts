/** Changes whenever the same options would give another day. */
export const simulatorVersion = 2;
