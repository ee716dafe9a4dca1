import { all, make } from './dom.js';

const QUIET = 4000; // ms after the last change
const TYPING = 600; // ms after the last key of the title
const SIMILAR = 4;

/** <form data-draft> keeps itself: some seconds after the last change it is sent as 保存草稿 is, and the preview beside it is
    renewed. The button stays; without scripts it is the only way. A form that could not be saved asks before it is left. */
export function drafts() {
  all('form[data-draft]').forEach((form) => new Draft(form));
  all('[data-similar]').forEach((box) => similar(box));
}

class Draft {
  constructor(form) {
    this.form = form;
    this.note = form.querySelector('[data-draft-note]');
    this.dirty = false;
    form.addEventListener('input', () => this.touch());
    form.addEventListener('change', () => this.touch());
    form.addEventListener('click', (event) => {
      if (event.target.closest('[data-act="del"]')) this.touch();
    });
    form.addEventListener('submit', (event) => this.submit(event));
    addEventListener('pageshow', () => { this.leaving = false; });
    addEventListener('beforeunload', (event) => {
      if (this.dirty && !this.leaving) event.preventDefault();
    });
    document.addEventListener('visibilitychange', () => {
      if (document.hidden && this.dirty && !this.leaving) this.save();
    });
  }

  /** A button waits until what is under way has been kept: both sent at once would each make a draft, or lose the later words. */
  submit(event) {
    clearTimeout(this.timer);
    if (!this.saving) {
      this.leaving = true;
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    this.pressed = event.submitter;
  }

  touch() {
    this.dirty = true;
    this.changes = (this.changes || 0) + 1;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), QUIET);
  }

  async save() {
    clearTimeout(this.timer);
    if (this.saving) {
      this.timer = setTimeout(() => this.save(), QUIET);
      return;
    }
    const before = this.changes;
    const body = new URLSearchParams(new FormData(this.form));
    body.set('act', 'draft');
    this.saving = true;
    try {
      const answer = await fetch(this.form.getAttribute('action'), { method: 'POST', body, headers: { Accept: 'application/json' } });
      if (!(answer.headers.get('Content-Type') || '').startsWith('application/json')) throw new Error('no answer to a draft');
      await this.answered(await answer.json(), before);
    } catch (error) {
      // Perhaps it was kept and only the answer is lost. What the key made is never changed, so that the next one needs another.
      if (this.form.elements.key) this.form.elements.key.value = `again-${Date.now()}-${Math.random().toString(36).slice(2)}`;
      this.say('还没有自动保存，稍后再试。也可以点“保存草稿”，填写的内容还在');
      this.touch();
    } finally {
      this.saving = false;
      const button = this.pressed;
      this.pressed = null;
      if (button) this.form.requestSubmit(button);
    }
  }

  async answered(saved, before) {
    if (!saved.path) {
      this.say(`还没有自动保存：${saved.message}`);
      return;
    }
    this.form.setAttribute('action', saved.path);
    this.hidden('version', saved.version);
    if (this.form.elements.key) this.form.elements.key.remove();
    if (location.pathname !== `${saved.path}/edit`) history.replaceState(null, '', `${saved.path}/edit`);
    this.dirty = this.changes !== before;
    this.say(saved.message);
    this.renew(`${saved.path}/edit`);
  }

  hidden(name, value) {
    let control = this.form.elements[name];
    if (!control) {
      control = make('input', { type: 'hidden', name });
      this.form.prepend(control);
    }
    control.value = value;
  }

  /** Puts what the server now makes of the draft in place of the preview and the checks. */
  async renew(path) {
    const answer = await fetch(path).catch(() => null);
    if (!answer || !answer.ok) return; // the preview is renewed the next time
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    all('[data-renew]').forEach((part) => {
      const fresh = page.querySelector(`[data-renew="${part.dataset.renew}"]`);
      if (fresh) part.replaceChildren(...fresh.childNodes);
    });
  }

  say(text) {
    this.note.textContent = text;
  }
}

/** Shows published listings like the one whose title is being typed: perhaps it is there already. */
function similar(box) {
  const title = document.getElementById('title');
  const list = box.querySelector('ul');
  let timer;
  let request;
  const ask = async () => {
    if (request) request.abort();
    const text = title.value.trim();
    if (text.length < 4) {
      box.hidden = true;
      return;
    }
    request = new AbortController();
    const query = new URLSearchParams({ q: text, kind: box.dataset.similar, per_page: SIMILAR + 1 });
    try {
      const answer = await fetch(`/api/v1/search?${query}`, { signal: request.signal });
      if (!answer.ok) return;
      const own = `${location.pathname}/`;
      const found = (await answer.json()).items.map((item) => ({ path: `/${item.kind}s/${item.id}`, title: item.title })).filter((item) => !own.startsWith(`${item.path}/`));
      list.replaceChildren(...found.slice(0, SIMILAR).map((item) => {
        const line = make('li');
        line.append(make('a', { href: item.path, target: '_blank', rel: 'noopener' }, `${item.title}（新窗口）`));
        return line;
      }));
      box.hidden = found.length === 0;
    } catch (error) {
      box.hidden = true; // none is no harm
    }
  };
  title.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(ask, TYPING);
  });
  ask();
}
