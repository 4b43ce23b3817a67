// One agency's scorecard, drawn into the page from data that is read when it is first opened.

import { expandCard } from "./cards.js";
import { agencyName, printedPoints } from "./data.js";
import { drawn, elements, made } from "./elements.js";
import { rankMoved } from "./ranking.js";
import { fillIn } from "./text.js";

/**
 * Show an agency's scorecard above the national page, and move focus to its heading.
 * @type {(code: string, payload: Payload, language: string) => void}
 */
export function showCard(code, { agencies, cards, kinds, languages }, language) {
  const data = document.querySelector(`script[data-card="${CSS.escape(code)}"]`)?.textContent;
  const place = agencies.code.indexOf(code);
  const kind = agencies.kind[place] ?? null;
  const [section] = elements(document, "section[data-card]");
  const [name, about, told, parts] = elements(section, "h2 bdi, .about span, .code, [data-parts]");
  if (!data || !cards) return;
  name.textContent = agencyName({ agencies, languages }, place, language);
  about.textContent = kind === null ? "" : `${kinds[kind].title[language]} ·`;
  told.textContent = code;
  const shown = expandCard(cards, JSON.parse(data), language, languages);
  parts.replaceChildren(...shown.map(drawnPart));
  section.hidden = false;
  document.documentElement.dataset.cardOpen = name.textContent;
  section.scrollIntoView();
  name.parentElement?.focus({ preventScroll: true });
}

/**
 * Tell on an open scorecard what the agency's total and rank are under the reader's weights.
 * @type {(payload: Payload, standing: Standing, state: State) => void}
 */
export function tellOwn(payload, { labels, moves, totals }, { agency, language }) {
  const place = payload.agencies.code.indexOf(agency ?? "");
  for (const told of elements(document, "[data-own]")) {
    const total = printedPoints(payload, totals[place] ?? null, language);
    const rank = rankMoved(labels[place], moves && moves[place], language);
    told.textContent = moves && fillIn(told.dataset.text ?? "", { total, rank }, language);
  }
}

/** Take the scorecard off the page. */
export function hideCard() {
  for (const section of elements(document, "section[data-card]")) section.hidden = true;
  delete document.documentElement.dataset.cardOpen;
}

/** @param {CardPart} part */
function drawnPart(part) {
  const title = `card-${part.id}`;
  return made("section", { "data-part": part.id, "aria-labelledby": title }, [
    made("h3", { id: title }, [part.title]),
    ...part.lines.map(([tone, text]) => made("p", { "data-tone": tone, dir: "auto" }, [text])),
    ...(part.rows.length ? [part.id === "facts" ? figures(part) : scrolled(part)] : []),
    ...part.notes.map((note) => made("p", { "data-tone": "quiet" }, [note])),
  ]);
}

/** @param {CardPart} part */
function figures(part) {
  const pairs = part.rows.map(([label, value]) =>
    made("div", {}, [made("dt", {}, [label]), made("dd", {}, [value])]),
  );
  return made("dl", { class: "card-figures" }, pairs);
}

/** @param {CardPart} part */
function scrolled(part) {
  const heads = part.columns.map(({ heading, numeric }) =>
    made("th", { scope: "col", ...(numeric ? { class: "n" } : {}) }, [made("span", {}, [heading])]),
  );
  if (part.bars.length) heads.splice(1, 0, made("td", { "aria-hidden": "true" }, []));
  const table = made("table", {}, [
    made("thead", {}, [made("tr", {}, heads)]),
    made("tbody", {}, part.rows.map((_, row) => drawnRow(part, row))),
  ]);
  const about = { class: "scroll", tabindex: "0", role: "group", "aria-label": part.title };
  return made("div", about, [table]);
}

/** @type {(part: CardPart, row: number) => HTMLElement} */
function drawnRow(part, row) {
  const { bars, columns, depth, rows } = part;
  const cells = rows[row].map((text, column) => {
    if (column === 0) return firstCell(part, row, text);
    const { numeric } = columns[column];
    return made("td", numeric ? { class: "n" } : {}, [numeric ? text : made("bdi", {}, [text])]);
  });
  if (bars.length) cells.splice(1, 0, made("td", { "aria-hidden": "true" }, [bar(bars[row])]));
  return made("tr", depth.length ? { "data-depth": String(depth[row]) } : {}, cells);
}

/** @param {number} filled In thousandths. */
function bar(filled) {
  const parts = [1000, filled].map((width) => drawn("rect", { width, height: 10 }));
  return drawn("svg", { viewBox: "0 0 1000 10", preserveAspectRatio: "none" }, parts);
}

/**
 * A row's name; of a service also what is missing, and its answers, made when they are asked for.
 * @type {(part: CardPart, row: number, text: string) => HTMLElement}
 */
function firstCell({ answers, missing }, row, text) {
  const name = made("bdi", {}, [text]);
  const head = made("th", { scope: "row" }, [name]);
  const own = answers[row] ?? [];
  if (own.length) {
    const details = made("details", {}, [made("summary", {}, [name])]);
    details.addEventListener("toggle", () => details.append(answerList(own)), { once: true });
    head.replaceChildren(details);
  }
  if (missing[row]) head.append(made("small", {}, [missing[row]]));
  return head;
}

/** @param {[string, string][]} answers */
function answerList(answers) {
  const pairs = answers.flatMap(([name, value]) => [
    made("dt", {}, [made("bdi", {}, [name])]),
    made("dd", {}, [made("bdi", {}, [value])]),
  ]);
  return made("dl", {}, pairs);
}
