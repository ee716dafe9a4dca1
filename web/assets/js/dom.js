/** All elements below root that match the selector. */
export const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));

/** An element with attributes and text. */
export function make(tag, attributes = {}, text = '') {
  const element = document.createElement(tag);
  for (const name in attributes) element.setAttribute(name, attributes[name]);
  element.textContent = text;
  return element;
}

/** Tells the form's other modules that a script has changed a control. */
export function changed(control) {
  control.dispatchEvent(new Event('input', { bubbles: true }));
  control.dispatchEvent(new Event('change', { bubbles: true }));
}

export const narrow = () => matchMedia('(max-width: 991.98px)').matches;
