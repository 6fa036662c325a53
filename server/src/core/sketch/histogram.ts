/**
 * A histogram with buckets that grow by 4 %, so that any quantile is within 2 % of the truth whatever the range, and two
 * histograms add up exactly. After DDSketch (Masson, Rim, Lee: "DDSketch: a fast and fully-mergeable quantile sketch with
 * relative-error guarantees", VLDB 2019). Values are not negative; anything under `smallest` counts as zero.
 * At most about 700 buckets, because values are cut at `largest`.
 */
export class LogHistogram {
  /** Bucket numbers, ascending, and how many values are in each: a quantile is asked for far oftener than a new bucket comes. */
  readonly #buckets: number[] = [];
  readonly #times: number[] = [];
  #zero = 0;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(value: number): void {
    if (!(value >= 0)) return;
    this.#count += 1;
    if (value < smallest) this.#zero += 1;
    else this.#change(bucketOf(value), 1);
  }

  merge(other: LogHistogram): void {
    this.#combine(other, 1);
  }

  /** Takes out what was merged before: a sliding window without summing it anew. */
  subtract(other: LogHistogram): void {
    this.#combine(other, -1);
  }

  /** The value that a share `q` (0 to 1) of all values does not exceed; null when there are none. */
  quantile(q: number): number | null {
    if (this.#count === 0) return null;
    const rank = Math.max(1, Math.ceil(q * this.#count));
    let seen = this.#zero;
    if (seen >= rank) return 0;
    for (let at = 0; at < this.#buckets.length; at++) {
      seen += this.#times[at] ?? 0;
      if (seen >= rank) return (2 * growth ** (this.#buckets[at] ?? 0)) / (growth + 1);
    }
    return null;
  }

  /** `[zeros, index, times, index, times, ...]`, ascending: the same content always gives the same array. */
  save(): number[] {
    const saved = [this.#zero];
    for (let at = 0; at < this.#buckets.length; at++) saved.push(this.#buckets[at] ?? 0, this.#times[at] ?? 0);
    return saved;
  }

  static restore(saved: readonly number[]): LogHistogram {
    const histogram = new LogHistogram();
    histogram.#zero = saved[0] ?? 0;
    histogram.#count = histogram.#zero;
    for (let at = 1; at + 1 < saved.length; at += 2) {
      const times = saved[at + 1] ?? 0;
      histogram.#change(saved[at] ?? 0, times);
      histogram.#count += times;
    }
    return histogram;
  }

  #combine(other: LogHistogram, sign: 1 | -1): void {
    this.#zero += sign * other.#zero;
    this.#count += sign * other.#count;
    for (let at = 0; at < other.#buckets.length; at++)
      this.#change(other.#buckets[at] ?? 0, sign * (other.#times[at] ?? 0));
  }

  #change(bucket: number, times: number): void {
    const buckets = this.#buckets;
    let at = 0;
    for (let end = buckets.length; at < end;) {
      const middle = (at + end) >> 1;
      if ((buckets[middle] ?? 0) < bucket) at = middle + 1;
      else end = middle;
    }
    if (buckets[at] !== bucket) {
      if (times === 0) return;
      buckets.splice(at, 0, bucket);
      this.#times.splice(at, 0, times);
      return;
    }
    const next = (this.#times[at] ?? 0) + times;
    if (next !== 0) this.#times[at] = next;
    else {
      buckets.splice(at, 1);
      this.#times.splice(at, 1);
    }
  }
}

/** Delays are told with two digits: nearly all of them were told before, and a logarithm takes longer than a look. */
function bucketOf(value: number): number {
  const place = Math.round(value * 100);
  if (place >= places) return newBucketOf(value);
  if (lastValues[place] === value) return lastBuckets[place] ?? 0;
  const bucket = newBucketOf(value);
  lastValues[place] = value;
  lastBuckets[place] = bucket;
  return bucket;
}

const newBucketOf = (value: number): number => Math.ceil(Math.log(Math.min(value, largest)) / logGrowth);
const places = 2_000;
const lastValues = new Float64Array(places);
const lastBuckets = new Float64Array(places);

const growth = 1.04;
const logGrowth = Math.log(growth);
const smallest = 1e-6;
const largest = 1e6;
