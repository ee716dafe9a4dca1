import { all } from './dom.js';

/** Writes the chosen files' names beside our own button. */
export function files() {
  all('[data-file]').forEach((box) => {
    const input = box.querySelector('input');
    const names = box.querySelector('[data-names]');
    const show = () => {
      const chosen = Array.from(input.files, (file) => file.name);
      names.textContent = chosen.length > 0 ? chosen.join('、') : '未选择文件';
    };
    input.addEventListener('change', show);
    if (input.form) input.form.addEventListener('reset', () => setTimeout(show));
    show();
  });
}
