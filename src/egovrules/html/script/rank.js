// Ranks of scores, 1 for the best, ties as the ruleset declares: egovrules.ranking once more.

/**
 * Rank scores; null stays null.
 * @param {(number | null)[]} scores Rounded beforehand to what counts.
 * @param {string} ties min, max, dense, average or ordinal.
 * @param {string[]} codes Of the agencies: with `ordinal`, equal scores follow their order.
 * @returns {(number | null)[]}
 */
export function rankScores(scores, ties, codes) {
  const ranks = /** @type {(number | null)[]} */ (scores.map(() => null));
  const order = bestFirst(scores, codes);
  let groups = 0;
  for (let start = 0, end = 1; start < order.length; start = end, end += 1) {
    while (end < order.length && scores[order[end]] === scores[order[start]]) end += 1;
    groups += 1;
    for (let place = start; place < end; place += 1) {
      ranks[order[place]] = sharedRank(ties, { start, end, place, groups });
    }
  }
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

/**
 * Return the places of the scores that are there, best first, equal ones by code.
 * @type {(scores: (number | null)[], codes: string[]) => number[]}
 */
function bestFirst(scores, codes) {
  const places = [...scores.keys()].filter((place) => scores[place] !== null);
  return places.sort(
    (a, b) => Number(scores[b]) - Number(scores[a]) || (codes[a] < codes[b] ? -1 : 1),
  );
}

/**
 * @param {string} ties
 * @param {{start: number, end: number, place: number, groups: number}} found
 */
function sharedRank(ties, { start, end, place, groups }) {
  if (ties === "max") return end;
  if (ties === "dense") return groups;
  if (ties === "average") return (start + 1 + end) / 2;
  return ties === "ordinal" ? place + 1 : start + 1;
}
