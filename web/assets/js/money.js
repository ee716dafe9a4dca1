import { all } from './dom.js';
import { fenOf, uppercase } from './uppercase.js';

/** Keeps the sum in capital characters current while typing. */
export function money() {
  all('[data-money]').forEach((box) => {
    const input = box.querySelector('input');
    const unit = box.querySelector('select');
    const out = box.querySelector('output');
    const show = () => {
      const fen = fenOf(input.value, unit.value);
      out.textContent = fen === null ? '输入后在此显示大写金额' : '大写：';
      if (fen === null) return;
      const sum = document.createElement('b');
      sum.textContent = uppercase(fen);
      out.append(sum);
    };
    input.addEventListener('input', show);
    unit.addEventListener('change', show);
  });
}
