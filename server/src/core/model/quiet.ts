/** Fewer units in 15 minutes than this are a quiet night. */
export const quietUnits = 10;
