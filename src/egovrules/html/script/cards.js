// A scorecard's data taken apart, as egovrules.html.card.expanded does; a test compares the two.

import { formatNumber, localNumber } from "./text.js";

// Printable characters, one per word of a column; those that JSON or HTML would escape are out.
const CODED = [..." !#$%'()*+,-./0123456789:;=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`"].concat([
  ..."abcdefghijklmnopqrstuvwxyz{|}~ÀÁÂÃÄÅÆÇÈÉ",
]);
/** @type {Map<string, number>} */
const PLACES = new Map(CODED.map((character, place) => [character, place]));
const [NOTHING, MINUS] = "–−";

/**
 * Take one agency's data apart; answers stand with their services, not as a part.
 * @type {(layout: Layout, data: any[][], language: string, languages: string[]) => CardPart[]}
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
function wordsOf({ words }, language, languages) {
  const place = Math.max(0, languages.indexOf(language));
  return (told) => {
    const entry = typeof told === "number" ? words[told] : told;
    if (typeof entry === "string") return localNumber(entry, language).replace(/^-/, MINUS);
    return entry[Math.min(place, entry.length - 1)];
  };
}

/** @type {(spec: PartSpec, own: any[], word: Word, language: string) => CardPart} */
function expandPart(spec, [columns, lines], word, language) {
  const specs = columns.length ? spec.columns : [];
  const cells = specs.map((one) => expandColumn(one, columns[one.in], word, language));
  return {
    id: spec.id,
    title: word(spec.title),
    columns: spec.columns.map(({ h, n }) => ({ heading: word(h), numeric: n === 1 })),
    rows: transposed(cells),
    depth: columns.length ? spec.depth : [],
    bars: [],
    answers: [],
    missing: [],
    notes: columns.length ? spec.notes.map(word) : [],
    lines: lines.map((/** @type {any[]} */ [tone, ...told]) => [tone, told.map(word).join(": ")]),
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

/** @type {(spec: Spec, data: any, word: Word, language: string) => string[]} */
function expandColumn(spec, data, word, language) {
  const { k, v = [], by = 1, d = 0, f = "", between = "" } = spec;
  const words = v.map(word);
  if (k === "same") return words;
  if (k === "text") {
    const [head, ...rests] = word(data).split(between);
    return rests.map((/** @type {string} */ rest) => head + rest);
  }
  if (k === "word") {
    return numbersOf(spec, data).map((n) => words[Math.floor(n / by) % words.length]);
  }
  const percent = f === "%" ? localNumber("%", language) : "";
  return cellsOf(spec, data).map((one) => {
    if (one === null) return NOTHING;
    if (typeof one !== "number") return word(one[0]);
    return formatNumber(one / 10 ** d, language, d, f === "+").replace(/^-/, MINUS) + percent;
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
  const rows = transposed(specs.map((one) => expandColumn(one, columns[one.in], word, language)));
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
