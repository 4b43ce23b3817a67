// The reader's own weights: how agencies would stand, and what would move.

import { coverageUnder, totalUnder } from "./aggregate.js";
import { rankLabels, rankScores } from "./rank.js";
import { roundTo } from "./round.js";

const COUNTED_DIGITS = 9; // decimals of a total that count where the ruleset names none
const LARGEST_NOISE = 1e-9; // by which the page may differ from the engine
const LEAST = 1e-12; // by which a coverage may fall short
const SHARE_DECIMALS = 2; // of a slider's value, so that a link says the same as the page

/**
 * Return the standing that was published.
 * @type {(payload: Payload) => Standing}
 */
export function officialStanding({ agencies, ruleset }) {
  const { total: totals, rank: ranks } = agencies;
  return { totals, ranks, labels: rankLabels(ranks, ruleset.tied ?? ""), moves: null };
}

/**
 * Score and rank the agencies anew.
 * @type {(payload: Payload, weights: number[]) => Standing}
 */
export function standingUnder(payload, weights) {
  const { agencies, ruleset } = payload;
  const totals = agencies.code.map((_, place) => totalUnder(payload, weights, place));
  const digits = ruleset.decimals ?? COUNTED_DIGITS;
  const counted = totals.map((total, place) => {
    const covered = coverageUnder(payload, weights, place) ?? 0;
    const enough = covered >= ruleset.minCoverage - LEAST;
    if (total === null || !enough || !agencies.among[place]) return null;
    return ruleset.exact ? total : roundTo(total, digits);
  });
  const ranks = rankScores(counted, ruleset.ties, agencies.code);
  const moves = ranks.map((rank, place) => {
    const official = agencies.rank[place];
    return rank === null || official === null ? null : official - rank;
  });
  return { totals, ranks, labels: rankLabels(ranks, ruleset.tied ?? ""), moves };
}

/**
 * Return the official weights as the sliders show them: in per cent of the whole.
 * @param {Payload} payload
 */
export function officialShares({ axes }) {
  return sharesOf(axes.map((axis) => axis.weight)).map((share) => roundTo(share, SHARE_DECIMALS));
}

/** @param {number[]} weights Each is turned into its share, in per cent. */
export function sharesOf(weights) {
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => (whole > 0 ? (100 * weight) / whole : 0));
}

/**
 * Return the weights after one slider was moved; null where they are the official ones again.
 * @type {(payload: Payload, before: number[] | null, axis: number,
 *   value: number) => number[] | null}
 */
export function weightsAfter(payload, before, axis, value) {
  const official = officialShares(payload);
  const weights = [...(before ?? official)];
  weights[axis] = value;
  if (weights.every((weight) => weight <= 0)) return before; // nothing would count
  return weights.every((weight, place) => weight === official[place]) ? null : weights;
}

/**
 * Count who moves, and find who moves farthest.
 * @param {(number | null)[]} moves
 * @returns {{moved: number, up: number, down: number, farthest: number | null}}
 */
export function movement(moves) {
  const up = moves.filter((move) => move !== null && move > 0).length;
  const down = moves.filter((move) => move !== null && move < 0).length;
  const far = moves.map((move) => Math.abs(move ?? 0));
  const farthest = up + down ? far.indexOf(Math.max(...far)) : null;
  return { moved: up + down, up, down, farthest };
}

/**
 * Compute the official standing anew, and tell the largest difference of a total.
 * @type {(payload: Payload) => {largest: number, matches: boolean, standing: Standing}}
 */
export function checkOfficial(payload) {
  const official = payload.axes.map((axis) => axis.weight);
  const standing = standingUnder(payload, official);
  const { totals, ranks } = standing;
  const differences = totals.map((total, place) => {
    const published = payload.agencies.total[place];
    if (total === null || published === null) return total === published ? 0 : Infinity;
    return Math.abs(total - published);
  });
  const largest = Math.max(0, ...differences);
  const sameRanks = ranks.every((rank, place) => rank === payload.agencies.rank[place]);
  return { largest, matches: largest <= LARGEST_NOISE && sameRanks, standing };
}
