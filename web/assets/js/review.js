import { all, changed } from './dom.js';

/** A line of the check list that is 不符 ticks the reason it stands for and turns the decision to 退回. */
export function review() {
  all('input[data-reason]').forEach((choice) =>
    choice.addEventListener('change', () => {
      tick(`[name="codes"][value="${choice.dataset.reason}"]`);
      tick('[name="choice"][value="back"]');
    }),
  );
}

function tick(selector) {
  const box = document.querySelector(selector);
  if (!box || box.checked) return;
  box.checked = true;
  changed(box);
}
