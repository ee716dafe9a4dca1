import { all, narrow } from './dom.js';

const TYPING = 'input:not([type=checkbox]):not([type=radio]), textarea, select, .mk-cal';

const press = (selector) => {
  const element = document.querySelector(selector);
  if (element) element.click();
  return Boolean(element);
};

const focus = (selector) => {
  const element = document.querySelector(selector);
  if (element) element.focus();
  return Boolean(element);
};

/** Shortcuts of the workspace. They only press links and buttons that are on the
    page, never while typing or with a modifier, and can be turned off. */
export function keys() {
  if (!document.body.classList.contains('mk-work')) return;
  scrollToCurrent();
  if (document.body.hasAttribute('data-no-keys')) return;
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest(TYPING)) return;
    const done = shortcut(event.key);
    if (done) event.preventDefault();
  });
}

/** On phones the side bar is a line that scrolls. */
function scrollToCurrent() {
  const current = document.querySelector('.mk-side [aria-current]');
  if (current && narrow()) current.closest('ul').scrollLeft = current.offsetLeft - 16;
}

function shortcut(key) {
  const lines = all('table[data-nav] tbody tr');
  const at = lines.findIndex((line) => line.contains(document.activeElement));
  switch (key) {
    case '/':
      return focus('#find');
    case 'j':
      return lines.length > 0 ? go(lines, at + 1) : press('[aria-keyshortcuts="j"]');
    case 'k':
      return lines.length > 0 ? go(lines, at - 1) : press('[aria-keyshortcuts="k"]');
    case 'o':
      return press('[aria-keyshortcuts="o"]');
    case 'd':
      return focus('.mk-decide input, .mk-decide select, .mk-decide textarea');
    case 'x':
      return tick(lines[at]);
    default:
      return false;
  }
}

function go(lines, index) {
  const line = lines[Math.max(0, Math.min(lines.length - 1, index))];
  const link = line.querySelector('a');
  if (!link) return false;
  link.focus();
  link.scrollIntoView({ block: 'nearest' });
  return true;
}

function tick(line) {
  const box = line && line.querySelector('input[type=checkbox]');
  if (box) box.click();
  return Boolean(box);
}
