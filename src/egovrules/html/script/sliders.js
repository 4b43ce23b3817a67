// The sliders in the page, and the mark that what is shown is not the official ranking.

import { agencyName } from "./data.js";
import { scoresText, sha256 } from "./digest.js";
import { elements } from "./elements.js";
import { toDecimals } from "./round.js";
import { fillIn, formatNumber, isolated, localNumber } from "./text.js";
import { checkOfficial, movement, officialShares, sharesOf } from "./weights.js";

/**
 * Set the sliders to the weights of a state, and print each axis's share.
 * @type {(payload: Payload, state: State) => void}
 */
export function writeSliders(payload, state) {
  const weights = state.weights ?? officialShares(payload);
  const shares = sharesOf(weights);
  const outputs = elements(document, "[data-weight-of]");
  elements(document, "[data-weight]").forEach((slider, axis) => {
    const input = /** @type {HTMLInputElement} */ (slider);
    const text = localNumber(`${toDecimals(shares[axis], 1)}%`, state.language);
    if (Number(input.value) !== weights[axis]) input.value = String(weights[axis]);
    input.setAttribute("aria-valuetext", text);
    outputs[axis].textContent = text;
  });
}

/**
 * Mark the page as a what-if, or take the mark away, and tell what moved.
 * @type {(payload: Payload, standing: Standing, state: State) => void}
 */
export function markWhatIf(payload, standing, state) {
  const root = document.documentElement;
  if (standing.moves) root.dataset.mode = "what-if";
  else delete root.dataset.mode;
  for (const banner of elements(document, "[data-whatif]")) {
    banner.hidden = !standing.moves;
    root.dataset.whatIf = banner.querySelector("strong")?.textContent ?? ""; // heads printed pages
    const mark = `${banner.dataset.title ?? "What-if"}: `; // heads a printed page, and a bookmark
    const plain = document.title.replace(mark, "");
    document.title = standing.moves ? mark + plain : plain;
  }
  for (const button of elements(document, "[data-official]")) {
    /** @type {HTMLButtonElement} */ (button).disabled = !standing.moves;
  }
  for (const place of elements(document, "[data-moved]")) {
    place.textContent = standing.moves ? movementText(place, payload, standing.moves, state) : "";
  }
}

/** @param {State} state Says that the weights of a link were not taken, and why. */
export function tellRefused({ refused }) {
  for (const place of elements(document, "[data-refused]")) {
    const { unfit = "", other = "" } = place.dataset;
    place.hidden = refused === null;
    place.textContent = refused ? fillIn(other, { digest: isolated(refused) }, "") : unfit;
  }
}

/**
 * Compute the official totals anew, and say whether they, and their digest, are the result's.
 * @type {(payload: Payload, language: string) => Promise<void>}
 */
export async function tellCheck(payload, language) {
  const places = elements(document, "[data-check]");
  if (!payload.total.adjustable) return;
  const { largest, matches, standing } = checkOfficial(payload);
  const values = {
    n: payload.agencies.code.length,
    largest: formatNumber(largest, language, 9),
    digest: payload.digest.slice(0, 8),
  };
  /** @type {(...names: string[]) => void} */
  const tell = (...names) => {
    for (const place of places) {
      const texts = names.map((name) => fillIn(place.dataset[name] ?? "", values, language));
      place.textContent = texts.join(" ");
      place.dataset.state = names[0];
      place.hidden = false;
    }
  };
  tell(matches ? "match" : "differs");
  const digest = matches && (await sha256(scoresText(payload, standing)));
  if (digest === payload.digest) tell("match", "digest");
}

/**
 * @type {(place: HTMLElement, payload: Payload, moves: (number | null)[], state: State) => string}
 */
function movementText(place, payload, moves, { language }) {
  const { farthest: far, ...counts } = movement(moves);
  const { none, text, farthest } = place.dataset;
  if (far === null) return none ?? "";
  const name = isolated(agencyName(payload, far, language));
  const places = Math.abs(moves[far] ?? 0);
  const values = { ...counts, all: moves.length, name, places };
  return [text, farthest].map((one) => fillIn(one ?? "", values, language)).join(" ");
}
