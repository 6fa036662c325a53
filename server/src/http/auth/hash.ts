import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** SHA-256 is enough for secrets of 256 random bits: there is nothing to guess from a list of hashes. */
export const hashOf = (secret: string): Buffer => createHash("sha256").update(secret, "utf8").digest();
export const sameHash = (one: Buffer, other: Buffer): boolean => timingSafeEqual(one, other);

/** The prefix lets secret scanners, and our own log, know one when they see it. */
export const newSecret = (): string => `mtk_${randomBytes(32).toString("base64url")}`;
