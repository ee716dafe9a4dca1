import { all, narrow } from './dom.js';

const RESEND_AFTER = 10000; // ms; a lost request must not lock the form for ever

/** A form with data-once is sent once, however often the button is pressed. The
    server refuses repetitions itself; this only spares the user the message. */
export function submitOnce() {
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (!form.hasAttribute('data-once')) return;
    if (form.hasAttribute('data-sent')) {
      event.preventDefault();
      return;
    }
    form.setAttribute('data-sent', '');
    setTimeout(() => form.removeAttribute('data-sent'), RESEND_AFTER);
  });
  addEventListener('pageshow', () => all('[data-sent]').forEach((form) => form.removeAttribute('data-sent')));
}

/** <select data-submit> sends its form at once; the button stays for everybody else. */
export function submitOnChange() {
  all('select[data-submit]').forEach((select) => select.addEventListener('change', () => select.form.submit()));
}

/** The summary of errors is what the user must read first. */
export function focusErrors() {
  const summary = document.querySelector('[data-focus]');
  if (summary) summary.focus();
}

/** On phones the conditions of a search start closed; without scripts they stay open. */
export function folds() {
  if (narrow()) all('details[data-fold]').forEach((details) => { details.open = false; });
}

/** <input data-live="title"> is repeated in every <… data-show="title">. */
export function livePreview() {
  all('[data-live]').forEach((control) =>
    control.addEventListener('input', () =>
      all(`[data-show="${control.dataset.live}"]`).forEach((out) => { out.textContent = control.value || '（未填）'; }),
    ),
  );
}

/** A hidden button that prints the page. */
export function printButtons() {
  all('[data-print]').forEach((button) => {
    button.hidden = false;
    button.addEventListener('click', () => print());
  });
}
