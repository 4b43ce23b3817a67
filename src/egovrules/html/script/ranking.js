// The ranking table in the page: rows are moved and hidden, never made, so that what was printed
// without a script stays what is shown.

import { fitting, longestRun, rankedOrder, sortValues, sortedBy, usualDirection } from "./order.js";
import { fillIn, formatNumber, localNumber, readNumber } from "./text.js";

/**
 * Find the table; null where the page has none, or not a row for every agency.
 * @type {(page: ParentNode, payload: Payload) => Ranking | null}
 */
export function findRanking(page, payload) {
  const table = page.querySelector("[data-ranking]");
  const body = /** @type {HTMLElement | null} */ (table?.querySelector("tbody"));
  if (!table || !body) return null;
  /** @type {Map<string | undefined, HTMLElement>} */
  const byCode = new Map();
  for (const row of elements(body, "[data-agency]")) byCode.set(row.dataset.agency, row);
  const rows = payload.agencies.code.flatMap((code) => byCode.get(code) ?? []);
  if (rows.length !== payload.agencies.code.length) return null;
  return { body, rows, heads: elements(table, "th[data-sort]"), printed: new Map() };
}

/**
 * Show the agencies that fit, in order, and say how many they are.
 * @type {(ranking: Ranking, payload: Payload, texts: string[], standing: Standing,
 *   state: State) => void}
 */
export function listAgencies(ranking, payload, texts, standing, state) {
  const key = state.sort ?? "rank";
  const direction = state.direction ?? usualDirection(key);
  const base = rankedOrder(payload, standing);
  const values =
    sortValues(payload, standing, key, state.language) ??
    ranking.rows.map((row) => readNumber(cellOf(row, key)?.textContent ?? ""));
  const order = sortedBy(base, values, direction, state.language);
  moveRows(
    ranking.body,
    order.map((place) => ranking.rows[place]),
  );
  const fits = fitting(payload, texts, state);
  ranking.rows.forEach((row, place) => {
    if (row.hidden === fits[place]) row.hidden = !fits[place];
  });
  for (const head of ranking.heads) {
    const sorted = direction === "asc" ? "ascending" : "descending";
    if (head.dataset.sort === key) head.setAttribute("aria-sort", sorted);
    else head.removeAttribute("aria-sort");
  }
  tellCount(fits.filter(Boolean).length, fits.length, state.language);
}

/**
 * Write ranks and totals into the rows: as published, or as they would be, with what moved.
 * @type {(ranking: Ranking, payload: Payload, standing: Standing, language: string) => void}
 */
export function writeStanding(ranking, payload, { totals, labels, moves }, language) {
  const { printed, rows, heads } = ranking;
  const change = heads.find((head) => head.dataset.whatifText)?.querySelector("button");
  if (!moves) {
    for (const [cell, text] of printed) cell.textContent = text;
    for (const row of printed.size ? rows : []) row.removeAttribute("data-move");
    return printed.clear();
  }
  if (change) rewrite(printed, change, change.closest("th")?.dataset.whatifText ?? "");
  return rows.forEach((row, place) => {
    const move = moves[place];
    const places = placesMoved(move, language);
    const rank = localNumber(labels[place] || "–", language);
    const cell = cellOf(row, "change");
    rewrite(printed, cell, places);
    rewrite(printed, cellOf(row, "rank"), cell || !move ? rank : `${rank} (${places})`);
    const total = formatNumber(totals[place], language, payload.ruleset.shown);
    rewrite(printed, cellOf(row, "total"), total);
    row.setAttribute("data-move", moveName(move));
  });
}

/**
 * Put rows in order, moving as few as possible: each move costs the browser a layout.
 * @type {(body: HTMLElement, rows: HTMLElement[]) => void}
 */
function moveRows(body, rows) {
  const places = new Map(Array.from(body.children, (row, place) => [row, place]));
  const kept = longestRun(rows.map((row) => places.get(row) ?? 0));
  /** @type {HTMLElement | null} */
  let next = null;
  for (let place = rows.length - 1; place >= 0; place -= 1) {
    if (!kept.has(place)) body.insertBefore(rows[place], next);
    next = rows[place];
  }
}

/**
 * Change what a cell says, and remember what was printed.
 * @type {(printed: Map<Element, string>, cell: Element | null, text: string) => void}
 */
function rewrite(printed, cell, text) {
  if (!cell || cell.textContent === text) return;
  if (!printed.has(cell)) printed.set(cell, cell.textContent ?? "");
  cell.textContent = text;
}

/** @type {(row: HTMLElement, key: string) => Element | null} */
function cellOf(row, key) {
  const name = CSS.escape(key);
  return row.querySelector(`[data-cell="${name}"], [data-axis="${name}"]`);
}

/** @type {(move: number | null) => string} */
function moveName(move) {
  if (!move) return "none";
  return move > 0 ? "up" : "down";
}

/** @type {(move: number | null, language: string) => string} */
function placesMoved(move, language) {
  if (!move) return formatNumber(move, language, 0);
  return `${move > 0 ? "▲" : "▼"} ${formatNumber(Math.abs(move), language, move % 1 ? 1 : 0)}`;
}

/** @type {(shown: number, all: number, language: string) => void} */
function tellCount(shown, all, language) {
  for (const place of elements(document, "[data-count]")) {
    const text = place.dataset.text ?? "{shown} / {all}";
    place.textContent = fillIn(text, { shown, all }, language);
  }
  for (const message of elements(document, "[data-no-match]")) message.hidden = shown > 0;
}

/** @type {(page: ParentNode, selector: string) => HTMLElement[]} */
export function elements(page, selector) {
  return [.../** @type {NodeListOf<HTMLElement>} */ (page.querySelectorAll(selector))];
}
