// One agency's scorecard, drawn into the page from data that is read when it is first opened.

import { expandCard, wordsOf } from "./cards.js";
import { agencyName } from "./data.js";

/** @typedef {import("./cards.js").CardPart} CardPart */
/** @typedef {(string | Node)[]} Inner */

const SVG = "http://www.w3.org/2000/svg";

/**
 * Show an agency's scorecard above the national page, and move focus to its heading.
 * @param {string} code
 * @param {Payload} payload
 * @param {string} language
 */
export function showCard(code, payload, language) {
  const { agencies, cards, kinds, languages } = payload;
  const section = document.querySelector("section[data-card]");
  const data = document.querySelector(`script[data-card="${CSS.escape(code)}"]`);
  const place = agencies.code.indexOf(code);
  if (!(section instanceof HTMLElement) || !data || place < 0 || !cards) return;
  const word = wordsOf(cards, language, languages);
  const parts = expandCard(cards, JSON.parse(data.textContent ?? ""), language, languages);
  const kind = agencies.kind[place];
  const heading = made("h2", { id: "agency-title", tabindex: "-1" }, [
    made("bdi", {}, [agencyName(payload, place, language)]),
  ]);
  section.replaceChildren(
    made("p", { class: "back" }, [
      made("button", { type: "button", "data-close-card": "" }, [word(cards.labels.back)]),
    ]),
    heading,
    made("p", { class: "about" }, [
      ...(kind === null ? [] : [kinds[kind].title[language], " · "]),
      made("bdi", { class: "code" }, [code]),
    ]),
    made("p", { "data-official-figures": "" }, [word(cards.labels.official)]),
    ...parts.map(drawnPart),
  );
  section.setAttribute("aria-labelledby", "agency-title");
  section.hidden = false;
  document.documentElement.dataset.cardOpen = "";
  section.scrollIntoView();
  heading.focus({ preventScroll: true });
}

/** Take the scorecard off the page. */
export function hideCard() {
  const section = document.querySelector("section[data-card]");
  if (!(section instanceof HTMLElement)) return;
  section.hidden = true;
  section.replaceChildren();
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
  const drawn = document.createElementNS(SVG, "svg");
  drawn.setAttribute("viewBox", "0 0 1000 10");
  drawn.setAttribute("preserveAspectRatio", "none");
  for (const width of [1000, filled]) {
    const part = document.createElementNS(SVG, "rect");
    part.setAttribute("width", String(width));
    part.setAttribute("height", "10");
    drawn.append(part);
  }
  return drawn;
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

/** @type {(name: string, attributes: Record<string, string>, inner: Inner) => HTMLElement} */
function made(name, attributes, inner) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...inner);
  return element;
}
