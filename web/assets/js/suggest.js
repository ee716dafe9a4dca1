import { all, make } from './dom.js';

const WAIT = 150; // ms after the last key

/** Suggestions under a search box: the combobox pattern. The server answers
    /search/suggest?q=…&kind=… with [{label, note, href, tone}]. */
export function suggest() {
  all('form[data-suggest]').forEach((form, index) => new Suggest(form, `suggest-${index}`));
}

class Suggest {
  constructor(form, id) {
    this.form = form;
    this.id = id;
    this.input = form.querySelector('input[type=search]');
    this.kind = form.querySelector('select');
    this.at = -1;
    this.items = [];
    this.list = make('ul', { id, role: 'listbox', 'aria-label': '搜索建议' });
    this.panel = make('div', { class: 'mk-suggest' });
    this.panel.hidden = true;
    this.panel.append(make('p', { class: 'mk-suggest__head', 'aria-hidden': 'true' }, '用上下键选择，回车打开；拼音也可以'), this.list);
    form.append(this.panel);
    for (const [name, value] of Object.entries({ role: 'combobox', 'aria-autocomplete': 'list', 'aria-controls': id, 'aria-expanded': 'false' })) {
      this.input.setAttribute(name, value);
    }
    this.listen();
  }

  listen() {
    this.input.addEventListener('input', () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.ask(), WAIT);
    });
    this.input.addEventListener('keydown', (event) => this.key(event));
    this.form.addEventListener('focusout', (event) => {
      if (!this.form.contains(event.relatedTarget)) this.close();
    });
    this.list.addEventListener('pointerdown', (event) => event.preventDefault());
    this.list.addEventListener('click', (event) => {
      const option = event.target.closest('[role=option]');
      if (option) this.open(Number(option.dataset.index));
    });
  }

  async ask() {
    const text = this.input.value.trim();
    if (this.request) this.request.abort();
    if (text === '') {
      this.close();
      return;
    }
    this.request = new AbortController();
    const query = new URLSearchParams({ q: text, kind: this.kind ? this.kind.value : '' });
    try {
      const answer = await fetch(`/search/suggest?${query}`, { signal: this.request.signal });
      if (answer.ok) this.show(await answer.json());
    } catch (error) {
      this.close(); // no suggestions is no harm: the form still searches
    }
  }

  show(items) {
    this.items = items || [];
    this.at = -1;
    this.input.removeAttribute('aria-activedescendant');
    this.list.textContent = '';
    this.items.forEach((item, index) => {
      const option = make('li', { role: 'option', id: `${this.id}-${index}`, 'aria-selected': 'false', 'data-index': index });
      option.append(make('span', {}, item.label), make('span', { class: item.tone ? `mk-badge mk-badge--${item.tone}` : 'mk-muted mk-small' }, item.note));
      this.list.append(option);
    });
    this.panel.hidden = this.items.length === 0;
    this.input.setAttribute('aria-expanded', String(!this.panel.hidden));
  }

  close() {
    clearTimeout(this.timer);
    this.show([]);
  }

  open(index) {
    location.assign(this.items[index].href);
  }

  key(event) {
    if (this.panel.hidden) return;
    if (event.key === 'Escape') {
      event.preventDefault();
      this.close();
    } else if (event.key === 'Enter' && this.at >= 0) {
      event.preventDefault();
      this.open(this.at);
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      this.move(event.key === 'ArrowDown' ? 1 : -1);
    }
  }

  move(step) {
    const count = this.items.length;
    this.at = (this.at + step + count) % count;
    all('[role=option]', this.list).forEach((option, index) => {
      option.setAttribute('aria-selected', String(index === this.at));
      if (index === this.at) option.scrollIntoView({ block: 'nearest' });
    });
    this.input.setAttribute('aria-activedescendant', `${this.id}-${this.at}`);
  }
}
