// A scorecard's data taken apart, as egovrules.html.card.expanded does; a test compares the two.

import { formatNumber, localNumber } from "./text.js";

// Printable characters, one per word of a column; those that JSON or HTML would escape are out.
const CODED = [..." !#$%'()*+,-./0123456789:;=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`"].concat([
  ..."abcdefghijklmnopqrstuvwxyz{|}~",
]);
/** @type {Map<string, number>} */
const PLACES = new Map(CODED.map((character, place) => [character, place]));
const NOTHING = "–";

/** @typedef {number | number[] | null} Cell In units of the last decimal; an entry; or nothing. */
/** @typedef {string | string[]} Entry A number as it prints in English; or a text per language. */

/**
 * @typedef {object} Spec What all agencies share of a column.
 * @property {number} h Entry of its heading.
 * @property {number} n 1 where it stands to the right.
 * @property {"same" | "word" | "cell" | "text"} k How its cells are written.
 * @property {number} in Which of an agency's data holds them.
 * @property {string} [between] What parts the cells of `text`.
 * @property {number} w Characters of each row; 0 where cells are a list.
 * @property {Cell[]} [x] What `cell` has that is no number, counted first.
 * @property {number} [min] The lowest number of `cell`, counted next.
 * @property {number} [by] What a word's number is multiplied by there.
 * @property {number[]} [v] Entries, of `same` by row and of `word` by place.
 * @property {number} [d] Decimals of `cell`.
 * @property {string} [f] `+` for signed, `%` for shares.
 * @property {number} [rest] Entry that rows read of which nothing is told.
 * @property {number} [bar] 1 where a bar goes with the number.
 * @property {number[]} [gaps] Entries that say that an answer is missing.
 */

/**
 * @typedef {{id: string, title: number, columns: Spec[], depth: number[],
 *   notes: number[]}} PartSpec
 */

/**
 * @typedef {{words: Entry[], parts: PartSpec[], labels: Record<string, number>,
 *   scale: [number, number]}} Layout What all scorecards share.
 */

/**
 * @typedef {object} CardPart
 * @property {string} id
 * @property {string} title
 * @property {{heading: string, numeric: boolean}[]} columns
 * @property {string[][]} rows
 * @property {number[]} depth
 * @property {number[]} bars For each row, how much of the scale is filled, in thousandths.
 * @property {[string, string][][]} answers For each row, indicators with their values.
 * @property {string[]} missing For each row, which of these are missing, and why.
 * @property {string[]} notes
 * @property {[string, string][]} lines Tone and text.
 */

/** @typedef {(told: number | Entry) => string} Word */
/** @typedef {Pick<CardPart, "answers" | "missing">} Behind */

/**
 * Take one agency's data apart; answers stand with their services, not as a part.
 * @param {Layout} layout
 * @param {any[][]} data
 * @param {string} language
 * @param {string[]} languages In the order in which texts are given.
 * @returns {CardPart[]}
 */
export function expandCard(layout, data, language, languages) {
  const word = wordsOf(layout, language, languages);
  const found = layout.parts
    .map((spec, number) => ({ spec, own: data[number] }))
    .filter(({ spec }) => spec.id !== "answers")
    .map(({ spec, own }) => ({
      ...expandPart(spec, own, word, language),
      bars: barsOf(spec.columns, own[0], layout.scale),
    }));
  const number = layout.parts.findIndex(({ id }) => id === "answers");
  const services = found.find(({ id }) => id === "services");
  if (services && number >= 0 && data[number][0].length) {
    Object.assign(services, behindServices(layout, number, data[number][0], word, language));
  }
  return found.filter(({ rows, lines }) => rows.length || lines.length);
}

/** @type {(layout: Layout, language: string, languages: string[]) => Word} Of an entry or place. */
export function wordsOf({ words }, language, languages) {
  const place = Math.max(0, languages.indexOf(language));
  return (told) => {
    const entry = typeof told === "number" ? words[told] : told;
    if (typeof entry === "string") return localNumber(entry, language);
    return entry[Math.min(place, entry.length - 1)];
  };
}

/** @type {(spec: PartSpec, own: any[], word: Word, language: string) => CardPart} */
function expandPart(spec, [columns, lines], word, language) {
  const cells = columns.length ? expandColumns(spec.columns, columns, word, language) : [];
  return {
    id: spec.id,
    title: word(spec.title),
    columns: spec.columns.map(({ h, n }) => ({ heading: word(h), numeric: n === 1 })),
    rows: transposed(cells),
    depth: columns.length ? spec.depth : [],
    bars: [],
    answers: [],
    missing: [],
    notes: spec.notes.map(word),
    lines: lines.map((/** @type {any[]} */ [tone, ...told]) => [
      tone,
      word(typeof told[0] === "number" ? told[0] : told),
    ]),
  };
}

/** @type {(specs: Spec[], columns: any[], scale: [number, number]) => number[]} */
function barsOf(specs, columns, [low, high]) {
  const spec = specs.find(({ bar }) => bar === 1);
  if (!spec || !columns.length) return [];
  return cellsOf(spec, columns[spec.in]).map((one) => {
    const value = typeof one === "number" ? one / 10 ** (spec.d ?? 0) : low;
    const share = (value - low) / (high - low);
    return Math.floor(1000 * Math.min(Math.max(share, 0), 1) + 0.5);
  });
}

/** @type {(specs: Spec[], columns: any[], word: Word, language: string) => string[][]} */
function expandColumns(specs, columns, word, language) {
  return specs.map((spec) => expandColumn(spec, columns[spec.in], word, language));
}

/** @type {(spec: Spec, data: any, word: Word, language: string) => string[]} */
function expandColumn(spec, data, word, language) {
  const { k, v = [], by = 1, d = 0, f = "" } = spec;
  const words = v.map(word);
  if (k === "same") return words;
  if (k === "text") {
    const [head, ...rests] = word(data).split(spec.between);
    return rests.map((/** @type {string} */ rest) => head + rest);
  }
  if (k === "word") {
    return numbersOf(spec, data).map((n) => words[Math.floor(n / by) % words.length]);
  }
  const percent = f === "%" ? localNumber("%", language) : "";
  return cellsOf(spec, data).map((one) => {
    if (one === null) return NOTHING;
    if (typeof one !== "number") return word(one[0]);
    return formatNumber(one / 10 ** d, language, d, f === "+") + percent;
  });
}

/** @type {(spec: Spec, data: any) => Cell[]} Numbers, and what stands in place of some. */
function cellsOf(spec, data) {
  const { w, x = [], min = 0 } = spec;
  if (!w) return data;
  return numbersOf(spec, data).map((n) => (n < x.length ? x[n] : n - x.length + min));
}

/** @type {(spec: Spec, data: string | number[]) => number[]} Some characters make a number. */
function numbersOf({ w }, data) {
  if (typeof data !== "string") return data;
  const places = [...data].map((one) => PLACES.get(one) ?? 0);
  return Array.from({ length: places.length / w }, (_, row) =>
    places.slice(row * w, (row + 1) * w).reduce((sum, place) => sum * CODED.length + place, 0),
  );
}

/** @type {(layout: Layout, at: number, columns: any[], word: Word, language: string) => Behind} */
function behindServices(layout, part, columns, word, language) {
  const specs = layout.parts[part].columns;
  const heads = specs.map(({ h }) => word(h));
  const gaps = specs.map(({ gaps: entries = [] }) => new Set(entries.map(word)));
  const rests = specs.map(({ rest }) => (rest === undefined ? null : word(rest)));
  const rows = transposed(expandColumns(specs, columns, word, language));
  const comma = `${word(layout.labels.comma)} `;
  const semicolon = `${word(layout.labels.semicolon)} `;
  return {
    answers: rows.map((row) =>
      row
        .map((text, at) => /** @type {[string, string]} */ ([heads[at], text]))
        .filter(([, text], at) => text !== rests[at]),
    ),
    missing: rows.map((row) => {
      /** @type {Map<string, string[]>} */
      const reasons = new Map();
      row.forEach((text, at) => {
        if (gaps[at].has(text)) reasons.set(text, [...(reasons.get(text) ?? []), heads[at]]);
      });
      return [...reasons].map(([why, names]) => `${why}: ${names.join(comma)}`).join(semicolon);
    }),
  };
}

/** @type {(columns: string[][]) => string[][]} */
function transposed(columns) {
  const [first = []] = columns;
  return first.map((_, row) => columns.map((column) => column[row]));
}
