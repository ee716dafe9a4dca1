import { all } from './dom.js';

/** <section data-kinds="kind"> opens the fold of the kind chosen in the select of that name and closes the others. */
export function kinds() {
  all('[data-kinds]').forEach((box) => {
    const select = document.querySelector(`select[name="${box.dataset.kinds}"]`);
    if (!select) return;
    select.addEventListener('change', () => all('details', box).forEach((fold) => {
      fold.open = fold.dataset.codes.split(' ').includes(select.value);
    }));
  });
}
