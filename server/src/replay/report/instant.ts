import type { EpochMs } from "@mailtide/shared";

export const iso = (atMs: EpochMs): string => new Date(atMs).toISOString();
