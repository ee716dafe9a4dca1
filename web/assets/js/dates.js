import { all, changed, make } from './dom.js';

const WEEK = ['一', '二', '三', '四', '五', '六', '日'];

/** The date that 2027-06-30, 2027/6/30 or 2027年6月30日 means, or null. */
export function parseDate(text) {
  const match = /^\s*(\d{4})\s*[-/年.]\s*(\d{1,2})\s*[-/月.]\s*(\d{1,2})\s*日?\s*$/.exec(text);
  if (!match) return null;
  const [year, month, day] = match.slice(1).map(Number);
  const date = new Date(year, month - 1, day);
  return date.getMonth() === month - 1 && date.getDate() === day ? date : null;
}

/** 2027-06-30. */
export function formatDate(date) {
  const two = (n) => String(n).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

const longDate = (date) =>
  `${date.getFullYear()} 年 ${date.getMonth() + 1} 月 ${date.getDate()} 日，星期${WEEK[(date.getDay() + 6) % 7]}`;

/** The same day of another month, or its last day. */
function addMonths(date, count) {
  const last = new Date(date.getFullYear(), date.getMonth() + count + 1, 0);
  return new Date(last.getFullYear(), last.getMonth(), Math.min(date.getDate(), last.getDate()));
}

const addDays = (date, count) => new Date(date.getFullYear(), date.getMonth(), date.getDate() + count);

/** Puts a calendar beside each date input. The input stays the control: what is
    typed counts, the calendar only writes into it. */
export function dates() {
  all('[data-date]').forEach((box) => {
    const input = box.querySelector('input');
    const button = box.querySelector('button');
    const calendar = new Calendar(box, input, button);
    button.hidden = input.disabled;
    button.addEventListener('click', () => calendar.toggle());
    input.addEventListener('blur', () => {
      const date = parseDate(input.value);
      if (date && input.value !== formatDate(date)) {
        input.value = formatDate(date);
        changed(input);
      }
    });
  });
}

class Calendar {
  constructor(box, input, button) {
    this.box = box;
    this.input = input;
    this.button = button;
    this.panel = null;
    this.outside = (event) => {
      if (!box.contains(event.target)) this.close(false);
    };
  }

  toggle() {
    if (this.panel) this.close(true);
    else this.open();
  }

  open() {
    this.panel = make('div', { class: 'mk-cal', role: 'dialog', 'aria-label': '选择日期' });
    this.panel.addEventListener('keydown', (event) => this.key(event));
    this.panel.addEventListener('click', (event) => this.click(event));
    this.box.append(this.panel);
    this.button.setAttribute('aria-expanded', 'true');
    document.addEventListener('pointerdown', this.outside);
    document.addEventListener('focusin', this.outside);
    this.show(parseDate(this.input.value) || new Date());
    this.focusDay();
  }

  close(refocus) {
    if (!this.panel) return;
    document.removeEventListener('pointerdown', this.outside);
    document.removeEventListener('focusin', this.outside);
    this.panel.remove();
    this.panel = null;
    this.button.setAttribute('aria-expanded', 'false');
    if (refocus) this.button.focus();
  }

  focusDay() {
    this.panel.querySelector('td [tabindex="0"]').focus();
  }

  /** Draws the month of the day. */
  show(day) {
    this.day = day;
    this.panel.textContent = '';
    this.panel.append(this.head(), this.month());
  }

  head() {
    const head = make('div', { class: 'mk-cal__head' });
    const step = (months, label, sign) =>
      make('button', { type: 'button', 'data-months': months, 'aria-label': label }, sign);
    const title = make('span', { 'aria-live': 'polite' }, `${this.day.getFullYear()} 年 ${this.day.getMonth() + 1} 月`);
    head.append(step(-12, '上一年', '«'), step(-1, '上个月', '‹'), title, step(1, '下个月', '›'), step(12, '下一年', '»'));
    return head;
  }

  month() {
    const table = make('table');
    const names = table.createTHead().insertRow();
    WEEK.forEach((name) => names.append(make('th', { scope: 'col', abbr: `星期${name}` }, name)));
    const first = new Date(this.day.getFullYear(), this.day.getMonth(), 1);
    let date = addDays(first, -((first.getDay() + 6) % 7));
    const body = table.createTBody();
    do {
      const week = body.insertRow();
      for (let i = 0; i < 7; i++) {
        const cell = week.insertCell();
        if (date.getMonth() === first.getMonth()) cell.append(this.dayButton(date));
        date = addDays(date, 1);
      }
    } while (date.getMonth() === first.getMonth());
    return table;
  }

  dayButton(date) {
    const value = formatDate(date);
    const button = make(
      'button',
      {
        type: 'button',
        'data-day': value,
        tabindex: value === formatDate(this.day) ? '0' : '-1',
        'aria-label': longDate(date),
        'aria-pressed': String(value === formatDate(parseDate(this.input.value) || new Date(0))),
      },
      String(date.getDate()),
    );
    if (value === formatDate(new Date())) button.setAttribute('aria-current', 'date');
    return button;
  }

  click(event) {
    const button = event.target.closest('button');
    if (!button) return;
    if (button.dataset.day) {
      this.input.value = button.dataset.day;
      changed(this.input);
      this.close(false);
      this.input.focus();
      return;
    }
    const months = button.dataset.months;
    this.show(addMonths(this.day, Number(months)));
    this.panel.querySelector(`[data-months="${months}"]`).focus();
  }

  key(event) {
    if (event.key === 'Escape') {
      event.preventDefault();
      this.close(true);
      return;
    }
    if (!event.target.dataset.day) return;
    const week = (this.day.getDay() + 6) % 7;
    const moves = {
      ArrowLeft: () => addDays(this.day, -1),
      ArrowRight: () => addDays(this.day, 1),
      ArrowUp: () => addDays(this.day, -7),
      ArrowDown: () => addDays(this.day, 7),
      Home: () => addDays(this.day, -week),
      End: () => addDays(this.day, 6 - week),
      PageUp: () => addMonths(this.day, event.shiftKey ? -12 : -1),
      PageDown: () => addMonths(this.day, event.shiftKey ? 12 : 1),
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    this.show(move());
    this.focusDay();
  }
}
