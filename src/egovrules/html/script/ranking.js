// The ranking table in the page: rows are moved and hidden, never made, so that what was printed
// without a script stays what is shown.

import { printedPoints } from "./data.js";
import { elements, restore, rewrite } from "./elements.js";
import { fitting, rankedOrder, sortValues, sortedBy, usualDirection } from "./order.js";
import { fillIn, formatNumber, localNumber } from "./text.js";

/**
 * Find the table; null where the page has none, or not a row for every agency.
 * @type {(page: ParentNode, payload: Payload) => Ranking | null}
 */
export function findRanking(page, payload) {
  const rows = elements(page, "[data-ranking] [data-agency]"); // in the order of the data
  const [body] = elements(page, "[data-ranking] tbody");
  if (!body || rows.length !== payload.agencies.code.length) return null;
  return { body, rows, heads: elements(page, "[data-ranking] th[data-sort]"), printed: new Map() };
}

/**
 * Show the agencies that fit, in order, and say how many they are.
 * @type {(ranking: Ranking, payload: Payload, texts: string[], standing: Standing,
 *   state: State) => void}
 */
export function listAgencies(ranking, payload, texts, standing, state) {
  const key = state.sort ?? "rank";
  const direction = state.direction ?? usualDirection(key);
  const values = sortValues(payload, standing, key, state.language);
  const order = sortedBy(rankedOrder(payload, standing), values, direction, state.language);
  const inOrder = order.map((place) => ranking.rows[place]);
  moveRows(ranking.body, inOrder);
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
  if (!moves) {
    for (const row of printed.size ? rows : []) row.removeAttribute("data-move");
    return restore(printed);
  }
  const change = heads.find((head) => head.dataset.whatifText);
  rewrite(printed, change?.querySelector("button"), change?.dataset.whatifText ?? "");
  return rows.forEach((row, place) => {
    const move = moves[place];
    const cell = cellOf(heads, row, "change");
    rewrite(printed, cell, placesMoved(move, language));
    const rank = rankMoved(labels[place], cell ? 0 : move, language);
    rewrite(printed, cellOf(heads, row, "rank"), rank);
    const total = printedPoints(payload, totals[place], language);
    rewrite(printed, cellOf(heads, row, "total"), total);
    row.setAttribute("data-move", ["down", "none", "up"][Math.sign(move ?? 0) + 1]);
  });
}

/**
 * Put rows in order; those that come next already stay, as each move costs the browser a layout.
 * @type {(body: HTMLElement, rows: HTMLElement[]) => void}
 */
function moveRows(body, rows) {
  let next = body.firstElementChild;
  for (const row of rows) {
    if (row === next) next = row.nextElementSibling;
    else body.insertBefore(row, next);
  }
}

/** @type {(heads: HTMLElement[], row: HTMLElement, key: string) => Element | null} */
function cellOf(heads, row, key) {
  return row.children[heads.findIndex((head) => head.dataset.sort === key)] ?? null;
}

/**
 * Print a rank, and how many places it is up or down, if it is.
 * @type {(label: string, move: number | null, language: string) => string}
 */
export function rankMoved(label, move, language) {
  const rank = localNumber(label || "–", language);
  return move ? `${rank} (${placesMoved(move, language)})` : rank;
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
