import { all } from './dom.js';

const YEAR = 365 * 24 * 60 * 60; // seconds

const CHOICES = {
  dark: { next: 'light', label: '浅色', apply: () => document.documentElement.setAttribute('data-bs-theme', 'dark') },
  light: { next: 'dark', label: '深色', apply: () => document.documentElement.setAttribute('data-bs-theme', 'light') },
  large: { next: 'normal', label: '标准字号', apply: () => document.documentElement.classList.add('mk-large') },
  normal: { next: 'large', label: '大字版', apply: () => document.documentElement.classList.remove('mk-large') },
};

/** Theme and type size change without a new page; the server reads the same cookies. */
export function preferences() {
  all('[data-prefs] button').forEach((button) =>
    button.addEventListener('click', (event) => {
      const choice = CHOICES[button.value];
      if (!choice) return;
      event.preventDefault();
      const secure = location.protocol === 'https:' ? '; Secure' : '';
      document.cookie = `mk_${button.name}=${button.value}; Path=/; Max-Age=${YEAR}; SameSite=Lax${secure}`;
      choice.apply();
      button.value = choice.next;
      button.textContent = choice.label;
    }),
  );
}
