// The run as columns, and the filter over its cases. SPDX-License-Identifier: Apache-2.0
//
// data.cases: `case`, `mode`, `b`, .. are lists with an element for each case. kernel, property, dtype, verdict, mask, data, layout,
// approx and reason are {words, of}: the list of distinct words, and for each case its place in it. `o` and `lse` are error / bound
// ("inf", "nan" as words; null: not judged), `row` and `column` the place of the largest error of O, `id` all ids, eight digits each.
// data.ulps: for each kernel and dtype, elements of O by their error in units in the last place, of the kernel and of the unfused computation.
'use strict';
const data = JSON.parse(document.getElementById('data').textContent);
const cases = data.cases;
const caseCount = cases.case.length;
const wordKeys = ['kernel', 'property', 'dtype', 'verdict', 'mask', 'data', 'layout', 'approx', 'reason'];
const numberKeys = ['b', 'hq', 'hkv', 'sq', 'skv', 'd', 'o', 'lse', 'launches', 'instructions', 'bytes'];
const judgedWords = new Set(['agree', 'disagree', 'fault']);

const toNumber = value => value === 'inf' ? Infinity : value === '-inf' ? -Infinity : value === 'nan' ? NaN : value;
for (const key of ['o', 'lse']) cases[key] = cases[key].map(toNumber);
const word = (key, n) => cases[key].words[cases[key].of[n]];
const idOf = n => cases.id.slice(8 * n, 8 * n + 8);
const isJudged = n => judgedWords.has(word('verdict', n));
const hasFailed = n => { const verdict = word('verdict', n); return verdict === 'disagree' || verdict === 'fault'; };
const judged = [...Array(caseCount).keys()].filter(isJudged);
// NaN is the worst that there is.
const worse = (a, b) => Number.isNaN(a) || Number.isNaN(b) ? Infinity : Math.max(a, b);
const ratioOf = n => cases.o[n] === null ? null : worse(cases.o[n], cases.lse[n]);
const numberOf = (key, n) => key === 'ratio' ? ratioOf(n) : cases[key][n];
const replayOf = n =>
  `attest replay '${cases.case[n]}' --kernel ${word('kernel', n)} --property ${word('property', n)}${cases.mode[n]}`;
const ratioText = value => value === null || value === undefined ? '-'
  : !Number.isFinite(value) ? (Number.isNaN(value) ? 'nan' : 'inf') : value === 0 ? '0' : String(Number(value.toPrecision(3)));

// One word of the filter as a test of a case.
function testOf(token) {
  const parts = /^([a-z]+)(>=|<=|>|<|=)(.*)$/.exec(token);
  const key = parts && parts[1];
  const isNumber = key === 'ratio' || numberKeys.includes(key);
  if (parts && isNumber && parts[3] !== '') {
    const range = parts[3].split(':').map(text => Number(toNumber(text)));
    const low = range[0], high = range.length > 1 ? range[1] : low;
    const tests = { '=': v => v >= low && v <= high, '>': v => v > low, '<': v => v < low, '>=': v => v >= low, '<=': v => v <= low };
    return n => { const value = numberOf(key, n); return value !== null && tests[parts[2]](Number.isNaN(value) ? Infinity : value); };
  }
  if (parts && parts[2] === '=' && key === 'id') return n => idOf(n).startsWith(parts[3]);
  if (parts && parts[2] === '=' && wordKeys.includes(key)) {
    // The whole word, or a part of one where no word is the same.
    const words = cases[key].words;
    const exact = words.indexOf(parts[3]);
    const wanted = new Set(words.map((_, i) => i).filter(i => exact >= 0 ? i === exact : words[i].includes(parts[3])));
    return n => wanted.has(cases[key].of[n]);
  }
  const text = token.toLowerCase();
  return n => cases.case[n].toLowerCase().includes(text) || word('kernel', n).includes(text) || word('property', n).includes(text) ||
    word('reason', n).toLowerCase().includes(text) || idOf(n) === text;
}
function filtered(text) {
  const tests = text.trim().split(/\s+/).filter(token => token !== '').map(testOf);
  const out = [];
  for (let n = 0; n < caseCount; ++n) if (tests.every(test => test(n))) out.push(n);
  return out;
}

// Elements, with attributes and children; text is never read as markup.
function element(tag, attributes = {}, ...children) {
  const isSvg = ['svg', 'g', 'rect', 'text', 'title', 'defs', 'pattern', 'path'].includes(tag);
  const node = isSvg ? document.createElementNS('http://www.w3.org/2000/svg', tag) : document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else if (value !== null && value !== undefined) node.setAttribute(key, value);
  }
  node.append(...children);
  return node;
}
function table(caption, columns, rows) {  // columns: [title, isNumber]
  const cellOf = (value, i) => value instanceof Node && value.tagName === 'TD' ? value
    : element('td', columns[i][1] ? { class: 'number' } : {}, value);
  return element('div', { class: 'table' }, element('table', {}, element('caption', {}, caption),
    element('thead', {}, element('tr', {}, ...columns.map(([title, isNumber]) =>
      element('th', { scope: 'col', class: isNumber ? 'number' : null }, title)))),
    element('tbody', {}, ...rows.map(row => element('tr', {}, ...row.map(cellOf))))));
}
function fillSelect(select, values, chosen) {
  for (const [value, title] of values) select.append(element('option', { value }, title));
  if (chosen !== undefined) select.value = chosen;
}
const kernelChoices = () => [['', 'all'], ...cases.kernel.words.map((name, i) => [String(i), name])];
const judgedOf = choice => choice === '' ? judged : judged.filter(n => cases.kernel.of[n] === Number(choice));
