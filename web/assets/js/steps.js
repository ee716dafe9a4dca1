import { all } from './dom.js';

/** <form data-steps> shows one <… data-step> at a time: the list of steps leads to each, and so does any link to something in
    it, such as the summary's to a field. Without scripts all of them are there, one below the other. */
export function steps() {
  all('form[data-steps]').forEach((form) => {
    const parts = all('[data-step]', form);
    const items = all('.mk-steps li');
    const [back, next, save] = ['back', 'next', 'save'].map((name) => form.querySelector(`[data-step-${name}]`));
    const show = (now) => {
      parts.forEach((part, i) => part.classList.toggle('mk-away', i !== now));
      items.forEach((item, i) => (i === now ? item.setAttribute('aria-current', 'step') : item.removeAttribute('aria-current')));
      lead(back, items[now - 1], () => '上一步');
      lead(next, items[now + 1], (name) => `下一步：${name}`);
      save.classList.toggle('btn-primary', next.hidden);
      save.classList.toggle('btn-line', !next.hidden);
    };
    const open = () => {
      const target = document.getElementById(location.hash.slice(1));
      const at = parts.findIndex((part) => part.contains(target));
      if (at < 0) return;
      show(at);
      target.scrollIntoView();
      target.focus();
    };
    addEventListener('hashchange', open);
    form.addEventListener('input', () => items.forEach((item) => mark(form, item)));
    show(Math.max(0, items.findIndex((item) => item.hasAttribute('aria-current'))));
    open();
  });
}

function lead(link, item, text) {
  link.hidden = !item;
  if (!item) return;
  const step = item.querySelector('a');
  link.href = step.hash;
  link.textContent = text(step.textContent);
}

/** A step is filled in when nothing is empty any more that it lacked when the page came. What was wrong stays so until it is sent. */
function mark(form, item) {
  if (item.classList.contains('fault') || !item.dataset.missing) return;
  const done = item.dataset.missing.split(' ').every((name) =>
    all(`[name="${name}"], [name^="${name}."]`, form).some((control) => control.disabled || (control.type === 'checkbox' ? control.checked : control.value.trim())));
  item.classList.toggle('done', done);
  item.querySelector('.visually-hidden').textContent = done ? '（已完成）' : '';
}
