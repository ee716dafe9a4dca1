/* Sums in capital characters, for the read-back while typing. The server reads
   and prints the same: money_cases.json holds both to it. */
const UNITS = { 亿元: 8, 亿: 8, 万元: 4, 万: 4, 元: 0 };
const MAX_DIGITS = 12; // of the whole yuan
const DIGITS = '零壹贰叁肆伍陆柒捌玖';
const PLACES = [
  [1e8, '亿'],
  [1e4, '万'],
  [1000, '仟'],
  [100, '佰'],
  [10, '拾'],
];

/** The sum in fen (hundredths of a yuan) that a text means, or null. A unit in
    the text goes before the unit given. */
export function fenOf(text, unit) {
  const plain = text.normalize('NFKC').replace(/\s/g, '').replace(/。/g, '.');
  const [, number, own] = /^(.*?)(亿元|亿|万元|万|元)?$/.exec(plain);
  const match = /^(\d+|\d{1,3}(?:,\d{3})+)(?:\.(\d+))?$/.exec(number);
  if (!match) return null;
  const shift = UNITS[own || unit];
  const whole = match[1].replace(/,/g, '').replace(/^0+/, '');
  const fraction = (match[2] || '').replace(/0+$/, '');
  const tooLong = whole !== '' && whole.length + shift > MAX_DIGITS;
  if (tooLong || fraction.length > shift + 2) return null;
  return Number(whole + fraction.padEnd(shift + 2, '0')) || null;
}

/** What stands before a place is written like a number of its own; a 零 marks
    that digits after the place are skipped. */
function capitals(number) {
  for (const [value, name] of PLACES) {
    if (number < value) continue;
    const head = capitals(Math.floor(number / value)) + name;
    const rest = number % value;
    if (rest === 0) return head;
    return head + (rest < value / 10 ? '零' : '') + capitals(rest);
  }
  return DIGITS[number];
}

/** 壹佰捌拾陆万伍仟元整 for 186500000 fen. */
export function uppercase(fen) {
  const yuan = Math.floor(fen / 100);
  const jiao = Math.floor(fen / 10) % 10;
  const odd = fen % 10;
  const head = yuan > 0 ? capitals(yuan) + '元' : '';
  if (jiao === 0 && odd === 0) return head + '整';
  const tens = jiao > 0 ? DIGITS[jiao] + '角' : '';
  const gap = jiao === 0 && yuan > 0 ? '零' : '';
  return head + gap + tens + (odd > 0 ? DIGITS[odd] + '分' : '');
}
