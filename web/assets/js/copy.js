import { all } from './dom.js';

const SAID = 2000; // ms that a button says that it has copied

/** <button data-copy="id"> copies the text of that element. It is hidden without scripts: the text can be selected. */
export function copies() {
  if (!navigator.clipboard) return;
  const said = document.querySelector('[data-copied]');
  all('[data-copy]').forEach((button) => {
    const name = button.innerHTML;
    button.hidden = false;
    button.addEventListener('click', async () => {
      const text = document.getElementById(button.dataset.copy).textContent;
      try {
        await navigator.clipboard.writeText(text);
        button.textContent = '已复制';
      } catch {
        button.textContent = '请手工复制';
      }
      if (said) said.textContent = `${button.textContent}：${text}`;
      setTimeout(() => { button.innerHTML = name; }, SAID);
    });
  });
}
