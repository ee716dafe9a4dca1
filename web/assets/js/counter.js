import { all } from './dom.js';

/** <textarea data-max="500" data-counter="id"> and <span id="id">: characters used. */
export function counters() {
  all('[data-max]').forEach((control) => {
    const out = document.getElementById(control.dataset.counter);
    if (!out) return;
    const show = () => {
      const used = Array.from(control.value).length;
      const limit = Number(control.dataset.max);
      out.textContent = used > limit ? `已超出 ${used - limit} 字` : `${used}／${limit} 字`;
      out.classList.toggle('mk-count--over', used > limit);
    };
    control.addEventListener('input', show);
    show();
  });
}
