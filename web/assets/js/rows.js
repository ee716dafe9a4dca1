import { all, changed } from './dom.js';

/** Adds and removes the lines of an editor of rows. */
export function rows() {
  all('[data-rows]').forEach((box) => {
    const body = box.querySelector('tbody');
    const blank = body.rows[body.rows.length - 1].cloneNode(true);
    clear(blank);
    const add = box.querySelector('template[data-add]').content.firstElementChild.cloneNode(true);
    box.append(add);
    const renew = () => {
      all('tr', body).forEach((row, index) => number(row, index, box));
    };
    add.addEventListener('click', () => {
      const row = blank.cloneNode(true);
      body.append(row);
      renew();
      row.querySelector('input, select').focus();
    });
    body.addEventListener('click', (event) => {
      const button = event.target.closest('[data-act="del"]');
      if (!button) return;
      const row = button.closest('tr');
      if (body.rows.length > 1) row.remove();
      else clear(row);
      renew();
      changed(add);
      add.focus();
    });
    renew();
  });
}

function clear(row) {
  all('input, select', row).forEach((control) => {
    control.value = '';
    control.removeAttribute('value');
    control.removeAttribute('aria-invalid');
    control.removeAttribute('aria-describedby');
    if (control.options) control.selectedIndex = 0;
  });
}

/** Gives a row its delete button, and its controls the row's number. */
function number(row, index, box) {
  const cell = row.querySelector('td.x');
  if (!cell.firstElementChild) {
    const button = box.querySelector('template[data-del]').content.firstElementChild.cloneNode(true);
    button.dataset.act = 'del';
    cell.append(button);
  }
  cell.firstElementChild.setAttribute('aria-label', `删除第 ${index + 1} 行`);
  all('input, select', row).forEach((control) => {
    const label = control.closest('td').dataset.l;
    control.setAttribute('aria-label', `第 ${index + 1} 行${label}`);
    control.id = control.name.replace('.', `-${index}-`);
  });
}
