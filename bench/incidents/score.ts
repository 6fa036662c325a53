import type { TruthRow, TruthSummary } from "../../server/src/simulate/index.ts";
import { type Pages, scorePages } from "./score-pages.ts";
import { type BlocklistScore, scoreBlocklist } from "./score-blocklist.ts";
import {
  type DelayScore,
  scoreCurve,
  type CurveScore,
  scoreHeadline,
  scoreStated,
  type StatedScore,
} from "./score-delay.ts";
import { type RecoveryScore, scoreRecovery } from "./score-recovery.ts";
import { type SaidScore, scoreSaid } from "./score-said.ts";
import type { Expectation } from "./expectations.ts";
import type { Report } from "./report.ts";

export interface Truth {
  readonly rows: readonly TruthRow[];
  readonly summary: TruthSummary;
}

/** Everything that is said of one day. */
export interface DayScore {
  readonly scenario: string;
  readonly says: readonly SaidScore[];
  readonly headline: DelayScore;
  readonly stated: readonly StatedScore[];
  readonly curve: CurveScore | null;
  readonly recovery: RecoveryScore | null;
  readonly pages: Pages;
  readonly blocklist: BlocklistScore | null;
}

/** Holds what was said against what happened. Pure. */
export function scoreDay(report: Report, truth: Truth, expectation: Expectation): DayScore {
  const { variation } = truth.summary;
  const isAsStated = (variation.shiftMinutes ?? 0) === 0 && (variation.scale ?? 1) === 1;
  return {
    scenario: truth.summary.scenario,
    says: expectation.says.map((expected) => scoreSaid(report, truth, expected)),
    headline: scoreHeadline(report, truth),
    stated: isAsStated ? (expectation.stated ?? []).map((one) => scoreStated(report, truth, one)) : [],
    curve: expectation.curve === true ? scoreCurve(report, truth) : null,
    recovery: expectation.recovery === true ? scoreRecovery(report, truth) : null,
    pages: scorePages(report, truth, expectation),
    blocklist: expectation.blocklist === true ? scoreBlocklist(report, truth) : null,
  };
}
