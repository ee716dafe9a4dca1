import { all } from './dom.js';

/** <… data-when="kind=L1 L2"> is there only while the form's control of
    that name has one of the values. What is not there is not sent either. */
export function when() {
  all('form').forEach((form) => {
    const parts = all('[data-when]', form);
    if (!parts.length) return;
    const show = () =>
      parts.forEach((part) => {
        const [name, values] = part.dataset.when.split('=');
        const on = values.split(' ').includes(form.elements[name].value);
        part.hidden = !on;
        all('input, select, textarea', part).forEach((control) => {
          control.disabled = !on;
        });
      });
    form.addEventListener('change', show);
    show();
  });
}
