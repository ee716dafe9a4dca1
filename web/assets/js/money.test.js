import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { formatDate, parseDate } from './dates.js';
import { fenOf, uppercase } from './uppercase.js';

const cases = JSON.parse(await readFile(new URL('money_cases.json', import.meta.url), 'utf8'));

for (const { text, unit, read } of cases) {
  test(`${text} in ${unit}`, () => {
    const fen = fenOf(text, unit);
    assert.equal(fen === null ? '' : uppercase(fen), read);
  });
}

test('dates are read as people write them', () => {
  for (const text of ['2027-06-30', '2027/6/30', '2027年6月30日', ' 2027 年 6 月 30 日 ']) {
    assert.equal(formatDate(parseDate(text)), '2027-06-30', text);
  }
  for (const text of ['', '2027-02-30', '2027-13-01', '30/6/2027', '2027-6']) assert.equal(parseDate(text), null, text);
});
