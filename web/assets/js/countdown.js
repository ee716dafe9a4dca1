import { all } from './dom.js';

const two = (n) => String(n).padStart(2, '0');

function parts(seconds) {
  const days = Math.floor(seconds / 86400);
  const clock = [
    [two(Math.floor(seconds / 3600) % 24), '时'],
    [two(Math.floor(seconds / 60) % 60), '分'],
    [two(seconds % 60), '秒'],
  ];
  return days > 0 ? [[days, '天'], ...clock] : clock;
}

/** Counts down to data-end on the server's clock, data-now. Both are RFC 3339.
    It is silent: the page announces the minutes in a live region of its own. */
export function countdowns() {
  all('[data-end]').forEach((element) => {
    const ahead = new Date(element.dataset.now) - Date.now();
    const end = new Date(element.dataset.end);
    const tick = () => {
      const left = Math.max(0, Math.round((end - Date.now() - ahead) / 1000));
      element.textContent = '';
      for (const [number, unit] of parts(left)) {
        const small = document.createElement('small');
        small.textContent = unit;
        element.append(String(number), small);
      }
      if (left > 0) setTimeout(tick, 1000);
    };
    tick();
  });
}
