// Pairs of values that the judged cases had. SPDX-License-Identifier: Apache-2.0
'use strict';
function edgeOf(size) {
  if (size <= 1) return String(size);
  const rest = size % 64;
  return rest === 0 ? 'multiple of 64' : rest === 1 ? 'one more' : rest === 63 ? 'one less' : 'between';
}
const coverageAxes = [
  ['kernel', n => word('kernel', n)], ['property', n => word('property', n)], ['dtype', n => word('dtype', n)],
  ['mask', n => word('mask', n)], ['data', n => word('data', n)], ['layout', n => word('layout', n)],
  ['d', n => String(cases.d[n])], ['sq edge', n => edgeOf(cases.sq[n])], ['skv edge', n => edgeOf(cases.skv[n])],
  ['shape', n => cases.sq[n] === cases.skv[n] ? 'sq = skv' : cases.sq[n] < cases.skv[n] ? 'sq < skv' : 'sq > skv'],
  ['heads', n => cases.hq[n] === cases.hkv[n] ? 'equal' : cases.hkv[n] === 1 ? 'one kv' : 'grouped'],
  ['approx', n => word('approx', n)]];
let coverageColumns = [];  // of the chosen kernel: {name, values, of}
let coverageShown = [];

function readCoverage() {
  coverageShown = judgedOf(document.getElementById('coverage-kernel').value);
  coverageColumns = coverageAxes.map(([name, valueOf]) => {
    const places = new Map();
    for (const n of coverageShown) if (!places.has(valueOf(n))) places.set(valueOf(n), 0);
    const isNumber = [...places.keys()].every(value => /^\d+$/.test(value));
    const values = [...places.keys()].sort((a, b) => isNumber ? a - b : a < b ? -1 : 1);
    values.forEach((value, i) => places.set(value, i));
    return { name, values, of: coverageShown.map(n => places.get(valueOf(n))) };
  });
}
function pairCounts(a, b) {
  const counts = new Int32Array(a.values.length * b.values.length);
  for (let i = 0; i < a.of.length; ++i) ++counts[a.of[i] * b.values.length + b.of[i]];
  return counts;
}
function showMatrix(across, down) {
  // The axis of fewer values goes across.
  const [a, b] = across.values.length > down.values.length ? [across, down] : [down, across];
  const counts = pairCounts(a, b);
  const empty = [];
  const rows = a.values.map((value, i) => [value, ...b.values.map((other, k) => {
    const count = counts[i * b.values.length + k];
    if (count === 0) empty.push(`${value} × ${other}`);
    return element('td', { class: count === 0 ? 'number bad' : 'number' }, String(count));
  })]);
  document.getElementById('coverage-title').textContent = `${a.name} × ${b.name}`;
  document.getElementById('coverage-matrix').replaceChildren(
    table(`Judged cases by ${a.name} and ${b.name}`, [[a.name, false], ...b.values.map(value => [value, true])], rows));
  const most = 60;
  const named = empty.slice(0, most).join('; ') + (empty.length > most ? `; and ${empty.length - most} more` : '');
  document.getElementById('coverage-empty').replaceChildren(element('p', {}, element('b', {}, empty.length === 0
    ? 'Every pair was drawn.' : `${empty.length} pairs never drawn: `), named));
}
function drawCoverage() {
  readCoverage();
  const columns = coverageColumns.filter(column => column.values.length > 0);
  const overview = document.getElementById('coverage-overview');
  let chosen = null;
  const choose = (cell, a, b) => {
    if (chosen) chosen.removeAttribute('aria-selected');
    cell.setAttribute('aria-selected', 'true');
    chosen = cell;
    showMatrix(a, b);
  };
  let first = null;
  const rows = columns.slice(0, -1).map((a, i) => [`${a.name} (${a.values.length})`, ...columns.slice(1).map((b, k) => {
    if (k < i) return element('td', {}, '');
    const counts = pairCounts(a, b);
    const filled = counts.filter(count => count > 0).length;
    const cell = element('td', { class: filled < counts.length ? 'number bad' : 'number' });
    cell.append(element('button', { type: 'button', 'aria-label': `${a.name} by ${b.name}: ${filled} of ${counts.length} pairs`,
      onclick: () => choose(cell, a, b) }, `${filled}/${counts.length}`));
    if (a.name === 'dtype' && b.name === 'mask') first = [cell, a, b];
    if (first === null) first = [cell, a, b];
    return cell;
  })]);
  overview.replaceChildren(table('Pairs of values that were drawn / that there are, of the values that this run had',
    [['', false], ...columns.slice(1).map(column => [`${column.name} (${column.values.length})`, true])], rows));
  if (first) choose(...first);
  overview.dataset.drawn = 'yes';
}
