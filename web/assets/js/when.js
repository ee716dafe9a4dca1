import { all } from './dom.js';

/** <… data-when="submarket=food"> is there only while the form's control of
    that name has that value. What is not there is not sent either. */
export function when() {
  all('form').forEach((form) => {
    const parts = all('[data-when]', form);
    if (!parts.length) return;
    const show = () =>
      parts.forEach((part) => {
        const [name, value] = part.dataset.when.split('=');
        const on = form.elements[name].value === value;
        part.hidden = !on;
        all('input, select, textarea', part).forEach((control) => {
          control.disabled = !on;
        });
      });
    form.addEventListener('change', show);
    show();
  });
}
