import type { EpochMs, Seconds, Share } from "@mailtide/shared";
import { at, b, dur, n, noun, pct, plainDur, say } from "../say.ts";

export const database = {
  "database.no-answer": (p: { dependency: string }) => say`${p.dependency} does not answer`,
  "database.slow": (p: { dependency: string }) => say`${p.dependency} answers slowly`,
  "database.failing-for": (p: { seconds: Seconds; sinceMs: EpochMs }) =>
    say`No answer for ${dur(p.seconds)}, since ${at(p.sinceMs)}.`,
  "database.just-failed": (p: { seconds: Seconds }) => say`The last probe failed after ${dur(p.seconds)}.`,
  "database.latency": (p: { seconds: Seconds; limit: Seconds }) =>
    say`A query takes ${dur(p.seconds)}, limit ${plainDur(p.limit)}.`,
  "database.saturated": (p: { dependency: string }) => say`${p.dependency} is running out of connections`,
  "database.connections": (p: { used: number; max: number; share: Share }) =>
    say`${n(p.used)} of ${n(p.max)} connections in use, ${pct(p.share)}.`,
  "database.connections-full": () => say`New sessions are refused when none is left.`,
  "database.schema-lock": (p: { dependency: string }) => say`Schema lock on ${p.dependency}`,
  "database.ddl-holds": (p: { statement: string; session: string; blocked: number; seconds: Seconds }) =>
    say`${b(p.statement)} (session ${p.session}) holds ${n(p.blocked)} ${noun(p.blocked, "session")} for ${dur(p.seconds)}.`,
  "database.ddl-waits": (p: { statement: string; session: string; blocked: number; seconds: Seconds }) =>
    say`${b(p.statement)} (session ${p.session}) has waited ${dur(p.seconds)} for its lock; ${n(p.blocked)} ${noun(p.blocked, "session waits", "sessions wait")} behind it.`,
  "database.blocked-by": (p: { session: string; blocker: string }) =>
    say`Session ${b(p.session)} is blocked by session ${b(p.blocker)}.`,
  "database.blocked-by-transaction": (p: { session: string; blocker: string; seconds: Seconds }) =>
    say`Session ${b(p.session)} is blocked by session ${b(p.blocker)}; the longest transaction is ${plainDur(p.seconds)} old.`,
  "database.statement": (p: { statement: string }) => say`Statement: ${p.statement}`,
  "database.lock-note": (p: { seconds: Seconds }) => say`lock held for ${plainDur(p.seconds)}`,
  "database.connections-note": (p: { used: number; max: number }) =>
    say`${String(p.used)} of ${String(p.max)} connections`,
  "database.no-answer-note": (p: { sinceMs: EpochMs }) => say`no answer since ${at(p.sinceMs)}`,
  "database.blind-note": (p: { problem: string }) => say`sees only part: ${p.problem}`,
};
