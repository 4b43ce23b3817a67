// From axes to the total as egovrules.aggregation and egovrules.nodes do it: a null axis is left
// out and the weights of the others are renormalised; no axis at all gives null.

const NOISE = 1e-9; // by which a sum of weights or a share may stray from what was meant

/** @type {Record<string, Combination>} Of children of which at least one has a score. */
const WAYS = {
  arithmetic: (children) => added(children, (score, weight) => score * weight) / weightOf(children),
  geometric: (children) =>
    guarded(children, () => {
      const logs = added(children, (score, weight) => Math.log(score) * weight);
      return Math.exp(logs / weightOf(children));
    }),
  harmonic: (children) =>
    guarded(children, () => {
      const inverses = added(children, (score, weight) => weight / score);
      return weightOf(children) / inverses;
    }),
  power: (children, { exponent = 1 }) => powerMean(children, exponent),
  minimum: (children) => Math.min(...scoresOf(children)),
  weighted_median: (children) => weightedMedian(children),
  median: (children) => weightedMedian(children.map(({ score }) => ({ score, weight: 1 }))),
};

/**
 * Combine the children of a node.
 * @param {string} by Id of the aggregation.
 * @param {{exponent?: number}} parameters Of the aggregation.
 * @param {Child[]} children Those that weigh nothing do not count.
 * @returns {number | null}
 */
export function combine(by, parameters, children) {
  const counted = children.filter((one) => one.weight > 0);
  return scoresOf(counted).length ? WAYS[by](counted, parameters) : null;
}

/**
 * Compute an agency's total under other weights: one per axis, in any unit, 0 or more.
 * @type {(payload: Payload, weights: number[], place: number) => number | null}
 */
export function totalUnder({ agencies, total }, weights, place) {
  const counted = [...weights.keys()].filter((axis) => weights[axis] > 0);
  const states = counted.map((axis) => agencies.state[axis][place]);
  const children = counted.map((axis) => {
    return { score: agencies.axis[axis][place], weight: weights[axis] };
  });
  if (states.includes(3)) return null;
  const needed = (total.minShare ?? 0) * states.filter((state) => state !== 2).length;
  if (children.filter((one) => one.score !== null).length < needed - NOISE) return null;
  const score = combine(total.by, total.with ?? {}, children);
  const bound = agencies.bound?.[place] ?? null;
  return score !== null && bound !== null ? Math.min(score, bound) : score;
}

/**
 * Compute the share of the weight behind an agency's total.
 * @type {(payload: Payload, weights: number[], place: number) => number | null}
 */
export function coverageUnder({ agencies }, weights, place) {
  const whole = weights.map((weight, axis) => (agencies.state[axis][place] === 2 ? 0 : weight));
  const covered = weights.map((weight, axis) => (agencies.axisCoverage[axis][place] ?? 0) * weight);
  const weight = sumByHalves(whole);
  return weight > 0 ? sumByHalves(covered) / weight : null;
}

/**
 * Return the points that each axis brings, where the total is the mean of its axes.
 * @type {(scores: (number | null)[], weights: number[]) => (number | null)[]}
 */
export function contributions(scores, weights) {
  const whole = sumByHalves(weights.map((weight, axis) => (scores[axis] === null ? 0 : weight)));
  return scores.map((score, axis) => score && (weights[axis] / whole) * score);
}

/**
 * Add up by halves, as the engine does, so that not even the last bit need differ.
 * @type {(terms: number[]) => number}
 */
function sumByHalves(terms) {
  if (terms.length < 2) return terms[0] ?? 0;
  const half = terms.length >> 1;
  return sumByHalves(terms.slice(0, half)) + sumByHalves(terms.slice(half));
}

/**
 * Add up a term of every child, of one without a score nothing.
 * @type {(children: Child[], term: (score: number, weight: number) => number) => number}
 */
function added(children, term) {
  return sumByHalves(
    children.map(({ score, weight }) => (score === null ? 0 : term(score, weight))),
  );
}

/** @param {Child[]} children */
function weightOf(children) {
  return added(children, (_, weight) => weight);
}

/** @param {Child[]} children */
function scoresOf(children) {
  return children.flatMap(({ score }) => (score === null ? [] : [score]));
}

/**
 * Give 0 where a child is 0, and null where one is negative.
 * @type {(children: Child[], mean: () => number) => number | null}
 */
function guarded(children, mean) {
  const least = Math.min(...scoresOf(children));
  if (least < 0) return null;
  return least === 0 ? 0 : mean();
}

/** @type {(children: Child[], exponent: number) => number | null} */
function powerMean(children, exponent) {
  const scores = scoresOf(children);
  const [least, most] = [Math.min(...scores), Math.max(...scores)];
  if (least < 0) return null;
  if (most === 0 || (exponent < 0 && least === 0)) return 0;
  // Quotients by the one whose power is the largest: no power is above 1.
  const unit = exponent > 0 ? most : least;
  const powers = added(children, (score, weight) => (score / unit) ** exponent * weight);
  return (powers / weightOf(children)) ** (1 / exponent) * unit;
}

/** @param {Child[]} children */
function weightedMedian(children) {
  const half = weightOf(children) * (0.5 - NOISE);
  /** @param {(score: number, own: number) => boolean} beside */
  const middle = (beside) =>
    scoresOf(children).filter(
      (own) => added(children, (score, weight) => (beside(score, own) ? weight : 0)) >= half,
    );
  const lower = Math.min(...middle((score, own) => score <= own));
  const upper = Math.max(...middle((score, own) => score >= own));
  return (lower + upper) / 2;
}
