// Start: read the data and the address, and let what the reader does change one state, from which
// the page is drawn. The page is readable before, and without.

import { hideCard, showCard, tellOwn } from "./agency.js";
import { readPayload } from "./data.js";
import { elements } from "./elements.js";
import { swapLanguages } from "./language.js";
import { searchTexts, usualDirection } from "./order.js";
import { findRanking, listAgencies, writeStanding } from "./ranking.js";
import { markWhatIf, tellCheck, tellRefused, writeSliders } from "./sliders.js";
import { drawStandings } from "./standings.js";
import { keepFragment, readFragment, writeFragment } from "./state.js";
import { officialStanding, standingUnder, weightsAfter } from "./weights.js";

const PAUSE = 250; // milliseconds without a change before the address follows

/**
 * Let the page answer to its reader.
 * @param {Payload} payload
 */
function start(payload) {
  const texts = searchTexts(payload);
  const choices = choicesOf(payload);
  let state = readFragment("", choices);
  /** @type {Map<string, Ranking | null>} */
  const rankings = new Map(); // by language, with what was printed where it is a what-if now
  let timer = 0;

  /** @param {State} next */
  function draw(next) {
    const before = state;
    state = next;
    const otherLanguage = next.language !== document.documentElement.lang;
    if (otherLanguage && swapLanguages(document)) prepare();
    const { language, weights } = next;
    const standing = weights ? standingUnder(payload, weights) : officialStanding(payload);
    if (!rankings.has(language)) rankings.set(language, findRanking(document, payload));
    const ranking = rankings.get(language);
    if (ranking) {
      writeStanding(ranking, payload, standing, language);
      listAgencies(ranking, payload, texts, standing, next);
      drawStandings(ranking, payload, standing, next);
    }
    writeSliders(payload, next);
    writeFilters(next);
    markWhatIf(payload, standing, next);
    tellRefused(next);
    if (next.agency === null) {
      if (before.agency !== null) closeCard(before.agency);
    } else if (otherLanguage || next.agency !== before.agency) {
      showCard(next.agency, payload, language);
    }
    tellOwn(payload, standing, next);
  }

  /** Show what needs a script, and what the script finds of the page's own numbers. */
  function prepare() {
    for (const element of elements(document, "[data-needs-script]")) element.hidden = false;
    tellCheck(payload, state.language);
  }

  /** @type {(chosen: Partial<State>, asStep?: boolean) => void} */
  function change(chosen, asStep = false) {
    if (asStep && timer) keepFragment(window, writeFragment(state, choices), false); // what waits
    draw({ ...state, refused: null, ...chosen });
    window.clearTimeout(timer);
    const keep = () => keepFragment(window, writeFragment(state, choices), asStep);
    timer = asStep ? 0 : window.setTimeout(keep, PAUSE);
    if (asStep) keep();
  }

  function switchLanguage() {
    const language = choices.languages.find((one) => one !== state.language);
    change({ language, refused: state.refused });
    elements(document, "[data-language]")[0]?.focus(); // that which had it went with its language
  }

  /** @param {MouseEvent} event */
  function clicked(event) {
    if (!(event.target instanceof Element) || event.defaultPrevented) return;
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const { target } = event;
    /** @param {string} selector */
    const within = (selector) => target.closest(selector);
    const agency = within("[data-agency-link]")?.getAttribute("data-agency-link");
    const sort = within("th[data-sort] button")?.closest("th")?.dataset.sort;
    const anchor = within('a[href^="#"]');
    if (agency) change({ agency }, true);
    else if (within("[data-close-card]")) change({ agency: null }, true);
    else if (within("[data-language]")) switchLanguage();
    else if (within("[data-official]")) change({ weights: null });
    else if (within("[data-reset-filters]")) change({ query: "", kind: "", band: "" });
    else if (within("[data-print]")) window.print();
    else if (sort) change(sortedAnew(state, sort));
    else if (anchor) leadTo(String(anchor.getAttribute("href")));
    if (agency || anchor) event.preventDefault(); // within a frame, fragments would leave the page
  }

  /** @param {string} anchor Where a link within the page leads: a step that can be taken back. */
  function leadTo(anchor) {
    window.clearTimeout(timer);
    timer = 0;
    keepFragment(window, writeFragment(state, choices) || anchor, true);
    const place = document.getElementById(anchor.slice(1));
    if (!place?.hasAttribute("tabindex")) place?.setAttribute("tabindex", "-1"); // to take focus
    place?.focus({ preventScroll: true });
    place?.scrollIntoView();
  }

  /** @param {Event} event */
  function entered({ target }) {
    if (target instanceof HTMLInputElement && target.dataset.weight !== undefined) {
      const axis = payload.axes.findIndex((one) => one.id === target.dataset.weight);
      change({ weights: weightsAfter(payload, state.weights, axis, Number(target.value)) });
    } else if (target instanceof HTMLInputElement && target.dataset.search !== undefined) {
      change({ query: target.value });
    } else if (target instanceof HTMLSelectElement && target.dataset.filter) {
      change({ [target.dataset.filter]: target.value });
    }
  }

  document.addEventListener("click", clicked);
  document.addEventListener("input", entered);
  document.addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("hashchange", () => draw(readFragment(window.location.hash, choices)));
  prepare();
  draw(readFragment(window.location.hash, choices));
  document.documentElement.dataset.ready = "true";
}

/** @type {(payload: Payload) => Choices} */
function choicesOf({ agencies, axes, bands, kinds, languages, ruleset, total }) {
  return {
    digest: ruleset.digest,
    language: document.documentElement.lang,
    languages,
    sorts: elements(document, "th[data-sort]").map((head) => String(head.dataset.sort)),
    kinds: kinds.map((kind) => kind.id),
    bands: bands ? bands.labels.map((label) => label.id) : [],
    agencies: agencies.code,
    axes: total.adjustable ? axes.length : 0,
  };
}

/**
 * Sort by a column, or turn it about where it is the one already.
 * @type {(state: State, sort: string) => Partial<State>}
 */
function sortedAnew(state, sort) {
  const same = sort === (state.sort ?? "rank");
  const usual = usualDirection(sort);
  const turned = usual === "asc" ? "desc" : "asc";
  const direction = same && (state.direction ?? usual) === usual ? turned : null;
  return { sort: sort === "rank" ? null : sort, direction };
}

/** @param {State} state */
function writeFilters({ query, kind, band }) {
  for (const field of elements(document, "[data-search], [data-filter]")) {
    const input = /** @type {HTMLInputElement | HTMLSelectElement} */ (field);
    const value = { kind, band }[input.dataset.filter ?? ""] ?? query;
    if (input.value !== value) input.value = value;
  }
}

/** @param {string} code */
function closeCard(code) {
  hideCard();
  const link = document.querySelector(`[data-ranking] [data-agency-link="${CSS.escape(code)}"]`);
  if (link instanceof HTMLElement) link.focus();
}

const payload = readPayload(document);
if (payload) start(payload);
