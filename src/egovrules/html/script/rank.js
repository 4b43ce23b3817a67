// Ranks of scores, 1 for the best, ties as the ruleset declares: egovrules.ranking once more.

/**
 * Rank scores; null stays null.
 * @param {(number | null)[]} scores Rounded beforehand to what counts.
 * @param {string} ties min, max, dense, average or ordinal.
 * @param {string[]} codes Of the agencies: with `ordinal`, equal scores follow their order.
 * @returns {(number | null)[]}
 */
export function rankScores(scores, ties, codes) {
  const there = [...scores.keys()].filter((place) => scores[place] !== null);
  const order = there.sort(
    (a, b) => Number(scores[b]) - Number(scores[a]) || (codes[a] < codes[b] ? -1 : 1),
  );
  /** @type {Map<number | null, Record<string, number>>} */
  const shared = new Map();
  order.forEach((place, at) => {
    const { min, dense } = shared.get(scores[place]) ?? { min: at + 1, dense: shared.size + 1 };
    shared.set(scores[place], { min, max: at + 1, average: (min + at + 1) / 2, dense });
  });
  const ranks = /** @type {(number | null)[]} */ (scores.map(() => null));
  order.forEach((place, at) => {
    ranks[place] = shared.get(scores[place])?.[ties] ?? at + 1; // ordinal ranks are not shared
  });
  return ranks;
}

/**
 * Write ranks as text, with a mark before those that several share.
 * @param {(number | null)[]} ranks
 * @param {string} tied The mark, as in `=3`; empty for none.
 * @returns {string[]} Latin digits; empty without a rank.
 */
export function rankLabels(ranks, tied) {
  /** @type {Map<number | null, number>} */
  const sharers = new Map();
  for (const rank of ranks) sharers.set(rank, (sharers.get(rank) ?? 0) + 1);
  return ranks.map((rank) => {
    if (rank === null) return "";
    return (Number(sharers.get(rank)) > 1 ? tied : "") + String(rank);
  });
}
