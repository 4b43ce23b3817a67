// Which agencies show, and in what order: no page in here, only data.

import { agencyName } from "./data.js";
import { searchText, searchWords } from "./text.js";

const RISING = ["rank", "name", "kind", "band"]; // what is usually read from its low end

/**
 * Return the direction in which a column is usually sorted.
 * @type {(key: string) => Direction}
 */
export function usualDirection(key) {
  return RISING.includes(key) ? "asc" : "desc";
}

/**
 * Return what the ranking is sorted by.
 * @type {(payload: Payload, standing: Standing, key: string, language: string) => Values}
 */
export function sortValues(payload, { moves, ranks, totals }, key, language) {
  const { agencies, axes } = payload;
  const { band, coverage, growth, services } = agencies;
  const change = moves ?? agencies.change;
  const name = agencies.code.map((_, place) => agencyName(payload, place, language));
  const axis = agencies.axis[axes.findIndex((one) => `axis.${one.id}` === key)];
  /** @type {Record<string, Values>} */
  const columns = { band, change, coverage, growth, name, services, total: totals };
  return axis ?? columns[key] ?? ranks;
}

/**
 * Return the agencies' places as the table lists them: by rank, then total, then code.
 * @type {(payload: Payload, standing: Standing) => number[]}
 */
export function rankedOrder({ agencies }, { ranks, totals }) {
  const { code } = agencies;
  const last = Infinity; // less itself it is no number, and the next comparison decides
  return [...code.keys()].sort(
    (a, b) =>
      (ranks[a] ?? last) - (ranks[b] ?? last) ||
      (totals[b] ?? -last) - (totals[a] ?? -last) ||
      (code[a] < code[b] ? -1 : 1),
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
    return turn * (one - Number(other));
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
