/* Sums in capital characters, for the read-back while typing. The server prints
   the same text; uppercase_cases.json holds both to it. */
const DIGITS = '零壹贰叁肆伍陆柒捌玖';
const PLACES = ['', '拾', '佰', '仟'];
const GROUPS = ['', '万', '亿', '万亿'];

/** The sum in fen (hundredths of a yuan) that a text means, or null. */
export function fenOf(text, unit) {
  const match = /^(\d{1,13})(?:\.(\d*))?$/.exec(text.replace(/[,，\s]/g, ''));
  if (!match) return null;
  const shift = unit === '万元' ? 6 : 2;
  const fraction = (match[2] || '').padEnd(shift + 1, '0');
  const fen = Number(match[1] + fraction.slice(0, shift)) + (fraction[shift] >= '5' ? 1 : 0);
  return Number.isSafeInteger(fen) && fen > 0 ? fen : null;
}

function group(value) {
  let text = '';
  let zero = false;
  for (let i = 3; i >= 0; i--) {
    const digit = Math.floor(value / 10 ** i) % 10;
    if (digit === 0) {
      zero = text !== '';
      continue;
    }
    text += (zero ? '零' : '') + DIGITS[digit] + PLACES[i];
    zero = false;
  }
  return text;
}

function yuanText(yuan) {
  let text = '';
  let zero = false;
  for (let i = GROUPS.length - 1; i >= 0; i--) {
    const value = Math.floor(yuan / 10000 ** i) % 10000;
    if (value === 0) {
      zero = text !== '';
      continue;
    }
    if (text !== '' && (zero || value < 1000)) text += '零';
    text += group(value) + GROUPS[i];
    zero = false;
  }
  return text;
}

/** 壹佰捌拾陆万伍仟元整 for 186500000 fen. */
export function uppercase(fen) {
  const yuan = Math.floor(fen / 100);
  const jiao = Math.floor(fen / 10) % 10;
  const cent = fen % 10;
  const text = yuan === 0 ? '' : yuanText(yuan) + '元';
  if (jiao === 0 && cent === 0) return text + '整';
  const tens = jiao > 0 ? DIGITS[jiao] + '角' : text !== '' ? '零' : '';
  return text + tens + (cent > 0 ? DIGITS[cent] + '分' : '整');
}
