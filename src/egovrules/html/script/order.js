// Which agencies show, and in what order: no page in here, only data.

import { agencyName } from "./data.js";
import { searchText, searchWords } from "./text.js";

const RISING = ["rank", "name", "kind", "band"]; // what is usually read from its low end

/** @typedef {(number | string | null)[]} Values One per agency. */

/**
 * Return the direction in which a column is usually sorted.
 * @type {(key: string) => Direction}
 */
export function usualDirection(key) {
  return RISING.includes(key) ? "asc" : "desc";
}

/**
 * Return what the ranking is sorted by; null where the data have no such column.
 * @type {(payload: Payload, standing: Standing, key: string, language: string) => Values | null}
 */
export function sortValues(payload, standing, key, language) {
  const { agencies, axes, kinds } = payload;
  const axis = axes.findIndex((one) => one.id === key);
  if (axis >= 0) return agencies.axis[axis];
  if (key === "rank") return standing.ranks;
  if (key === "total") return standing.totals;
  if (key === "change" && standing.moves) return standing.moves;
  if (key === "name") return agencies.code.map((_, place) => agencyName(payload, place, language));
  if (key === "kind") {
    return agencies.kind.map((kind) => (kind === null ? null : kinds[kind].title[language]));
  }
  if (key === "band") return agencies.band;
  if (key === "growth") return agencies.growth;
  return key === "coverage" ? agencies.coverage : null;
}

/**
 * Return the agencies' places as the table lists them: by rank, then total, then code.
 * @type {(payload: Payload, standing: Standing) => number[]}
 */
export function rankedOrder({ agencies }, { ranks, totals }) {
  const last = Infinity;
  return [...agencies.code.keys()].sort(
    (a, b) =>
      compared(ranks[a] ?? last, ranks[b] ?? last) ||
      compared(totals[b] ?? -last, totals[a] ?? -last) ||
      compared(agencies.code[a], agencies.code[b]),
  );
}

/**
 * Sort places by values; equal ones keep their order, and null comes last in both directions.
 * @type {(places: number[], values: Values, direction: Direction,
 *   language: string) => number[]}
 */
export function sortedBy(places, values, direction, language) {
  const { compare } = new Intl.Collator(language, { numeric: true });
  const turn = direction === "asc" ? 1 : -1;
  return [...places].sort((a, b) => {
    const [one, other] = [values[a], values[b]];
    if (one === null || other === null) return Number(one === null) - Number(other === null);
    if (typeof one === "string") return turn * compare(one, String(other));
    return turn * compared(one, other);
  });
}

/**
 * Return what a search looks in, for every agency: its names in all languages, and its code.
 * @param {Payload} payload
 */
export function searchTexts({ agencies }) {
  return agencies.code.map((code, place) =>
    searchText([...agencies.name[place], ...agencies.alias[place], code]),
  );
}

/**
 * Tell of every agency whether it fits the search and the filters.
 * @type {(payload: Payload, texts: string[], state: State) => boolean[]}
 */
export function fitting({ agencies, bands, kinds }, texts, state) {
  const words = searchWords(state.query);
  const kind = kinds.findIndex((one) => one.id === state.kind);
  const band = bands?.labels.findIndex((one) => one.id === state.band) ?? -1;
  return agencies.code.map(
    (_, place) =>
      (kind < 0 || agencies.kind[place] === kind) &&
      (band < 0 || agencies.band[place] === band) &&
      words.every((word) => texts[place].includes(word)),
  );
}

/**
 * Find the longest rising run within numbers, all different: rows that may stay where they are.
 * @param {number[]} numbers
 * @returns {Set<number>} Places of its members.
 */
export function longestRun(numbers) {
  /** @type {number[]} */
  const ends = []; // of the best run of each length, its last place
  const before = numbers.map((number, place) => {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (numbers[ends[middle]] < number) low = middle + 1;
      else high = middle;
    }
    ends[low] = place;
    return low ? ends[low - 1] : -1;
  });
  const run = new Set();
  for (let place = ends.at(-1) ?? -1; place >= 0; place = before[place]) run.add(place);
  return run;
}

/** @type {(a: number | string, b: number | string) => number} */
function compared(a, b) {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
