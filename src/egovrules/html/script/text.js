// Digits as a language writes them, and names by which two spellings of one name match.

import { toDecimals } from "./round.js";

const NO_VALUE = "–";
// As egovrules.text: the signs bear a left-to-right mark, or they move to the number's wrong end.
/** @type {Record<string, string>} */
const PERSIAN = {
  ...Object.fromEntries([..."۰۱۲۳۴۵۶۷۸۹"].entries()),
  ...{ ",": "٬", ".": "٫", "%": "٪", "-": "\u200e\u2212", "+": "\u200e+" },
};

/** @type {Record<string, string>} */
const SAME_LETTER = { ي: "ی", ى: "ی", ك: "ک", ۀ: "ه", ة: "ه" };

// Harakat, tatweel, joiner and direction marks: they change how a name looks, not which it is.
const UNSEEN = new RegExp(
  "[\\u0610-\\u061a\\u064b-\\u065f\\u0670\\u06d6-\\u06dc\\u06df-\\u06e4\\u06e7\\u06e8" +
    "\\u06ea-\\u06ed\\u0640\\u200d\\ufeff\\u200e\\u200f\\u061c\\u202a-\\u202e\\u2066-\\u2069]",
  "g",
);
const SPACES = /[\s\x1c-\x1f\x85]+/; // what Python splits at

/**
 * Write a number that the engine printed (`-1,234.5`, `+2%`) as a language does: digits and signs.
 * @type {(printed: string, language: string) => string}
 */
export function localNumber(printed, language) {
  if (language !== "fa") return printed;
  return printed.replace(/[0-9,.%+-]/g, (sign) => PERSIAN[sign]);
}

/**
 * Show a number with digits grouped, as egovrules.text.format_number does.
 * @param {number | null} value Null is shown as a dash.
 * @param {string} language
 * @param {number} decimals 0 to 12.
 * @param {boolean} [signed] Show + before what is above zero as printed.
 */
export function formatNumber(value, language, decimals, signed = false) {
  if (value === null || !Number.isFinite(value)) return NO_VALUE;
  const plain = toDecimals(value, decimals).replace(/^-?\d+/, (whole) =>
    whole.replace(/\B(?=(\d{3})+$)/g, ","),
  );
  const sign = signed && value > 0 && /[1-9]/.test(plain) ? "+" : "";
  return localNumber(sign + plain, language);
}

/**
 * Put values into the `{name}` placeholders of a text; numbers are shown as the language does.
 * @type {(template: string, values: Record<string, string | number>, language: string) => string}
 */
export function fillIn(template, values, language) {
  return template.replace(/\{(\w+)\}/g, (typed, name) => {
    const value = values[name];
    if (value === undefined) return typed;
    return typeof value === "number" ? formatNumber(value, language, 0) : value;
  });
}

/** @param {string} name Set apart, whatever its direction. */
export function isolated(name) {
  return `\u2068${name}\u2069`;
}

/**
 * Return the key by which two spellings of one name match, as egovrules.text.name_key does.
 *
 * Case folds through capitals, as `ß` becomes `ss`. Against Python only Cherokee differs.
 * @param {string} name
 */
export function nameKey(name) {
  const letters = name
    .normalize("NFC")
    .replace(/[۰-۹٠-٩]/g, (digit) => String(digit.charCodeAt(0) & 15))
    .replace(UNSEEN, "")
    .replace(/[\u200b\u200c]/g, " ")
    .replace(/[يىكۀة]/g, (letter) => SAME_LETTER[letter]);
  const folded = letters
    .normalize("NFD")
    .replace(/[^ı]+/g, (part) => part.toLowerCase().toUpperCase().toLowerCase())
    .replace(/ς/g, "σ")
    .normalize("NFC");
  return folded.split(SPACES).filter(Boolean).join(" ");
}

/**
 * Return what a search looks in: the keys of names, and these once more without spaces, because
 * people write ZWNJ, a space or nothing between the parts of a Persian word.
 * @param {string[]} names
 */
export function searchText(names) {
  const keys = names.map(searchKey);
  return [...keys, ...keys.map((key) => key.replace(/ /g, ""))].join("\n");
}

/**
 * Return the words of a query; an agency is found where its search text holds them all.
 * @param {string} query
 */
export function searchWords(query) {
  return searchKey(query).split(" ").filter(Boolean);
}

/** @param {string} name Found also without its marks: `اموزش` for `آموزش`, `cote` for `Côte`. */
function searchKey(name) {
  return nameKey(nameKey(name).normalize("NFD").replace(/\p{M}/gu, ""));
}
