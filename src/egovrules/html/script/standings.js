// The chart of the first agencies and the table behind it, under the reader's own weights: rows as
// egovrules.html.charts.rows draws them, in the frame that it left; a test compares the two.

import { contributions } from "./aggregate.js";
import { agencyName, printedPoints } from "./data.js";
import { drawn, elements, made, rewrite } from "./elements.js";
import { rankedOrder } from "./order.js";
import { roundTo } from "./round.js";
import { fillIn, isolated, localNumber } from "./text.js";

const TONES = 6; // the seventh axis has that of the first, and a stripe
const DIGIT = 0.64; // how wide, in ems
const SLIM = 0.38; // of what parts digits in English

/**
 * Draw who would come first; what was printed comes back with the ranking.
 * @type {(ranking: Ranking, payload: Payload, standing: Standing, state: State) => void}
 */
export function drawStandings({ printed, rows }, payload, standing, { language, weights }) {
  if (!weights) return;
  const ranked = rankedOrder(payload, standing).filter((place) => standing.ranks[place] !== null);
  /** @type {(value: number | null) => string} */
  const points = (value) => printedPoints(payload, value, language);
  for (const group of elements(document, "[data-frame]")) {
    /** @type {Frame} */
    const frame = JSON.parse(group.dataset.frame ?? "");
    const leaders = ranked.slice(0, frame.rows).map((place) => {
      const scores = payload.agencies.axis.map((axis) => axis[place]);
      const parts = frame.across ? scores : contributions(scores, weights);
      return {
        name: agencyName(payload, place, language),
        kept: frame.kept[place],
        rank: localNumber(standing.labels[place], language),
        total: points(standing.totals[place]),
        parts: parts.map((value) => ({ value: value ?? frame.scale[0], text: points(value) })),
        scores: scores.map(points),
        link: rows[place].querySelector("a")?.cloneNode(true) ?? "",
      };
    });
    const names = leaders.map(({ name, rank, total }) => `${rank}. ${isolated(name)} ${total}`);
    const told = fillIn(frame.told, { names: names.join(frame.between) }, language);
    rewrite(printed, group.closest("svg")?.querySelector("desc"), told);
    rewrite(printed, group, ...leaders.flatMap((leader, row) => leaderRow(frame, leader, row)));
    const lines = leaders.map(({ link, rank, scores, total }) => [rank, link, total, ...scores]);
    rewrite(printed, group.closest("figure")?.querySelector("tbody"), ...lines.map(tableRow));
  }
}

/** @param {Inner} cells */
function tableRow(cells) {
  const look = (/** @type {number} */ column) => (column === 1 ? undefined : "n");
  return made("tr", {}, cells.map((cell, column) => made("td", { class: look(column) }, [cell])));
}

/** @type {(frame: Frame, leader: Leader, row: number) => Element[]} */
function leaderRow(frame, leader, row) {
  const { name, kept, rank, total } = leader;
  const top = frame.top + frame.step * row;
  const base = top + frame.size + 1;
  const cut = `${[...name].slice(0, kept).join("")}…`;
  const named = kept ? [isolated(cut), drawn("title", {}, [isolated(name)])] : [isolated(name)];
  return [
    text(frame, 0, base, "soft", [rank]),
    text(frame, frame.lead, base, undefined, named),
    ...(frame.end === null ? [] : [text(frame, frame.end, base, "strong", [total], "end")]),
    ...(frame.across ? sideBySide : endToEnd)(frame, leader, top),
  ];
}

/** @type {(frame: Frame, leader: Leader, top: number) => Element[]} */
function endToEnd(frame, { parts, total }, top) {
  let at = frame.start;
  const bars = parts.flatMap((part, axis) => {
    const length = Math.max(part.value, 0) * frame.unit;
    at += length;
    const place = [at - length, top + frame.below, length];
    return length > 0 ? segment(frame, place, axis, part.text) : [];
  });
  if (frame.end === null) bars.push(text(frame, at + 6, top + frame.size + 1, "strong", [total]));
  return bars;
}

/** @type {(frame: Frame, place: number[], axis: number, printed: string) => Element[]} */
function segment(frame, [start, top, length], axis, printed) {
  const tone = axis % TONES;
  const width = [...printed].reduce((sum, one) => sum + (/[.,]/.test(one) ? SLIM : DIGIT), 0);
  const shown = axis < TONES && width * frame.size + 8 <= length;
  const title = drawn("title", {}, [`${isolated(frame.axes[axis])}: ${printed}`]);
  const marks = [rect(frame, start, top, length, 20, `tone tone-${tone}`, shown ? [] : [title])];
  if (axis >= TONES) marks.push(rect(frame, start, top + 8, length, 4, "stripe"));
  const [middle, base] = [start + length / 2, top + frame.size + 1.5];
  if (shown) marks.push(text(frame, middle, base, `on-${tone}`, [printed], "middle"));
  return marks;
}

/** @type {(frame: Frame, leader: Leader, top: number) => Element[]} */
function sideBySide(frame, { parts }, top) {
  const [low, high] = frame.scale;
  const bars = parts.flatMap((part, axis) => {
    const left = frame.start + frame.pitch * (axis % frame.across);
    const line = Math.floor(axis / frame.across);
    const base = top + frame.below + (frame.size + 16) * line + frame.size;
    const length = frame.unit * Math.min(Math.max((part.value - low) / (high - low), 0), 1);
    return [
      rect(frame, left, base + 5, frame.unit, 6, "track"),
      ...(length ? [rect(frame, left, base + 5, length, 6, "bar")] : []),
      text(frame, left, base, undefined, [part.text]),
    ];
  });
  return [rect(frame, 0, top - 5.5, frame.width, 1, "parting"), ...bars];
}

/** @type {(frame: Frame, start: number, top: number, length: number, thick: number, look: string,
 *   inner?: Inner) => Element} */
function rect({ rtl, width }, start, top, length, thick, look, inner = []) {
  const x = short(rtl ? width - start - length : start);
  const box = { x, y: short(top), width: short(length), height: thick };
  return drawn("rect", { ...box, class: look }, inner);
}

/** @type {(frame: Frame, start: number, base: number, look: string | undefined, inner: Inner,
 *   anchor?: string) => Element} */
function text({ rtl, width }, start, base, look, inner, anchor = undefined) {
  const x = short(rtl ? width - start : start);
  return drawn("text", { class: look, x, y: short(base), "text-anchor": anchor }, inner);
}

/** @param {number} value */
function short(value) {
  return roundTo(value, 2);
}
