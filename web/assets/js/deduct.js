import { all, make } from './dom.js';
import { fenOf, uppercase } from './uppercase.js';

const yuan = (fen) => (fen < 0 ? '−' : '') + (Math.abs(fen) / 100).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** Keeps the way from the total of a contract to its technical amount current
    while typing. The server computes the same when the form is sent. */
export function deductions() {
  all('[data-deduct]').forEach((box) => {
    const form = box.closest('form');
    const body = box.querySelector('tbody');
    form.addEventListener('input', () => show(form, body));
    form.addEventListener('change', () => show(form, body));
  });
}

function show(form, body) {
  const total = fenOf(form.elements.total_amount.value, form.elements.total_amount_unit.value) || 0;
  const lines = all('[data-rows="deductions"] tbody tr', form).map(lineOf).filter((line) => line.fen > 0);
  const tech = lines.reduce((rest, line) => rest - line.fen, total);
  const rows = [row('', '合同成交额', total), ...lines.map((line) => row('−', line.label, line.fen)), row('', '技术交易额', tech)];
  rows[rows.length - 1].className = 'tot';
  body.replaceChildren(...rows);
}

function lineOf(tr) {
  const [kind] = all('select', tr);
  const [name, amount] = all('input', tr);
  const label = `${kind.value ? kind.selectedOptions[0].text : '未选类别'}：${name.value.trim() || '未写名称'}`;
  return { label, fen: fenOf(amount.value, '万元') || 0 };
}

function row(sign, label, fen) {
  const tr = make('tr');
  const head = make('th', { scope: 'row' }, `${label} `);
  if (sign === '' && fen > 0) head.append(make('span', { class: 'mk-muted fw-normal' }, uppercase(fen)));
  tr.append(make('td', { class: 'op' }, sign), head, make('td', { class: 'n' }, yuan(fen)));
  return tr;
}
