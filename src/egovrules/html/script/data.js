// The data that the page carries, read once; types.d.ts says what is in them.

import { formatNumber } from "./text.js";

/**
 * Read the page's data.
 * @param {Document} page
 * @returns {Payload | null} Null where the page has none: it then stays as it was written.
 */
export function readPayload(page) {
  const text = page.getElementById("eg-data")?.textContent;
  return text ? JSON.parse(text) : null;
}

/**
 * Return an agency's name.
 * @type {(payload: Pick<Payload, "agencies" | "languages">, place: number,
 *   language: string) => string}
 */
export function agencyName({ agencies, languages }, place, language) {
  return agencies.name[place][Math.max(0, languages.indexOf(language))];
}

/**
 * Print a score as the page does, with the minus sign of a printed text.
 * @type {(payload: Payload, value: number | null, language: string) => string}
 */
export function printedPoints({ ruleset }, value, language) {
  return formatNumber(value, language, ruleset.shown).replace("-", "\u2212");
}
