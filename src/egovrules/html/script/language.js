// The page in its other language: the body's content changes places with the template's.

/**
 * Swap the two languages, if the page has another one.
 * @param {Document} page
 * @returns {boolean} Whether it had.
 */
export function swapLanguages(page) {
  const template = /** @type {HTMLTemplateElement | null} */ (page.getElementById("other"));
  if (!template) return false;
  const shown = [...page.body.children].filter((one) => !one.matches("script, template"));
  const others = [...template.content.childNodes];
  const root = page.documentElement;
  const was = { lang: root.lang, dir: root.dir, title: page.title, foot: root.dataset.foot };
  root.lang = template.dataset.lang ?? root.lang;
  root.dir = template.dataset.dir ?? root.dir;
  root.dataset.foot = template.dataset.foot;
  page.title = template.dataset.title ?? page.title;
  Object.assign(template.dataset, was);
  template.content.append(...shown);
  page.body.prepend(...others);
  return true;
}
