// What a reader chose, and the fragment of the address that keeps it. Links come from strangers:
// whatever does not fit this page is left out.

const LONGEST = 4000; // characters of a fragment that are looked at
const LONGEST_QUERY = 200;
const SHORT = 8; // digits of a digest

/**
 * Read a state from a fragment; weights count only for the ruleset that they were chosen for, and
 * where they are refused, that is noted. The empty one is the state in which the page opens.
 * @type {(fragment: string, choices: Choices) => State}
 */
export function readFragment(fragment, choices) {
  const given = new URLSearchParams(fragment.replace(/^#/, "").slice(0, LONGEST));
  /** @type {(key: string, known: string[]) => string | null} */
  const oneOf = (key, known) => {
    const value = given.get(key);
    return value !== null && known.includes(value) ? value : null;
  };
  const ruleset = given.get("r") ?? "";
  const known = ruleset === shortDigest(choices);
  const weights = known ? readWeights(given.get("w"), choices.axes) : null;
  const other = !known && /^[0-9a-f]+$/.test(ruleset) ? ruleset.slice(0, SHORT) : "";
  const direction = oneOf("dir", ["asc", "desc"]);
  return {
    language: oneOf("lang", choices.languages) ?? choices.language,
    sort: oneOf("sort", choices.sorts),
    direction: /** @type {Direction | null} */ (direction),
    query: [...(given.get("q") ?? "")].slice(0, LONGEST_QUERY).join(""), // no half character
    kind: oneOf("kind", choices.kinds) ?? "",
    band: oneOf("band", choices.bands) ?? "",
    weights,
    agency: oneOf("agency", choices.agencies),
    refused: given.has("w") && !weights ? other : null,
  };
}

/**
 * Write a state as a fragment with its `#`: the ruleset's version, and only what differs from the
 * opening; empty where nothing does.
 * @type {(state: State, choices: Choices) => string}
 */
export function writeFragment(state, choices) {
  const entries = {
    lang: state.language === choices.language ? "" : state.language,
    sort: state.sort,
    dir: state.direction,
    q: state.query,
    kind: state.kind,
    band: state.band,
    w: state.weights?.join(","),
    agency: state.agency,
  };
  const chosen = Object.entries(entries).filter(([, value]) => value);
  if (!chosen.length) return "";
  const pairs = [["r", shortDigest(choices)], ...chosen].map(
    ([key, value]) => `${key}=${encodeURIComponent(String(value)).replaceAll("%2C", ",")}`,
  );
  return `#${state.weights ? "what-if&" : ""}${pairs.join("&")}`;
}

/**
 * Put a fragment into the address; a page inside a frame or a notebook may not, and does without.
 * @param {Window} view
 * @param {string} fragment
 * @param {boolean} asStep Whether the browser's back button returns to the one before.
 */
export function keepFragment(view, fragment, asStep) {
  if (view.location.hash === fragment && !asStep) return;
  try {
    const address = fragment || view.location.href.split("#")[0];
    if (asStep) view.history.pushState(null, "", address);
    else view.history.replaceState(null, "", address);
  } catch {
    // The state lives on in the page; only its link cannot be copied.
  }
}

/** @param {Choices} choices */
function shortDigest({ digest }) {
  return digest.replace(/^sha256:/, "").slice(0, SHORT);
}

/** @type {(text: string | null, axes: number) => number[] | null} */
function readWeights(text, axes) {
  if (!text || !/^[\d.]+(,[\d.]+)*$/.test(text)) return null;
  const weights = text.split(",").map(Number);
  const fit = weights.length === axes && weights.every((one) => one >= 0 && one <= 100);
  return fit && weights.some((one) => one > 0) ? weights : null;
}
