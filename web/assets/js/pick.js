import { all } from './dom.js';

/** <table data-pick="id">: the box in the head picks all lines, the element of
    that id shows how many are picked. */
export function pickAll() {
  all('table[data-pick]').forEach((table) => {
    const head = table.querySelector('thead input[type=checkbox]');
    const boxes = () => all('tbody input[type=checkbox]', table);
    const out = document.getElementById(table.dataset.pick);
    const show = () => {
      const picked = boxes().filter((box) => box.checked).length;
      boxes().forEach((box) => box.closest('tr').classList.toggle('is-picked', box.checked));
      if (out) out.textContent = String(picked);
      if (!head) return;
      head.checked = picked > 0 && picked === boxes().length;
      head.indeterminate = picked > 0 && !head.checked;
    };
    table.addEventListener('change', (event) => {
      if (event.target === head) boxes().forEach((box) => { box.checked = head.checked; });
      show();
    });
    show();
  });
}
