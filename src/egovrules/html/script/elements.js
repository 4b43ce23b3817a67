// Elements of the page: found, made, and changed so that what was printed comes back.

const SVG = "http://www.w3.org/2000/svg";

/** @type {(page: ParentNode, selector: string) => HTMLElement[]} */
export function elements(page, selector) {
  return [.../** @type {NodeListOf<HTMLElement>} */ (page.querySelectorAll(selector))];
}

/** @type {(name: string, attributes: Attributes, inner: Inner) => HTMLElement} */
export function made(name, attributes, inner, element = document.createElement(name)) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) element.setAttribute(key, String(value));
  }
  element.append(...inner);
  return element;
}

/** @type {(name: string, attributes: Attributes, inner?: Inner) => Element} In a drawing. */
export function drawn(name, attributes, inner = []) {
  return made(name, attributes, inner, document.createElementNS(SVG, name));
}

/**
 * Put something else into an element, and remember what was printed there.
 * @type {(printed: Printed, element: Element | null | undefined, ...inner: Inner) => void}
 */
export function rewrite(printed, element, ...inner) {
  if (!element || (inner.length === 1 && element.textContent === inner[0])) return;
  if (!printed.has(element)) printed.set(element, [...element.childNodes]);
  element.replaceChildren(...inner);
}

/** @param {Printed} printed Comes back, and is forgotten. */
export function restore(printed) {
  for (const [element, inner] of printed) element.replaceChildren(...inner);
  printed.clear();
}
