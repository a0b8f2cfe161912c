// Heat maps as inline SVG: error over shape, and the place of the largest error. SPDX-License-Identifier: Apache-2.0
'use strict';
const sizeBins = [[0, 0], [1, 1], [2, 15], [16, 16], [17, 31], [32, 32], [33, 62], [63, 63], [64, 64], [65, 65], [66, 126], [127, 127],
  [128, 128], [129, 129], [130, 191], [192, 192], [193, 255], [256, 256], [257, 511], [512, 1023], [1024, 1e9]];
const heatAxes = { skv: ['skv', 'keys'], sq: ['sq', 'rows'], d: ['d', 'head size'], b: ['b', 'batch'], hq: ['hq', 'heads'] };
const binOf = size => sizeBins.findIndex(([low, high]) => size >= low && size <= high);
const binText = ([low, high]) => low === high ? String(low) : high === 1e9 ? `${low}+` : `${low}–${high}`;
const stepOf = share => Math.max(0, Math.min(5, Math.floor(share * 6)));

function hatch() {
  return element('defs', {}, element('pattern', { id: 'hatch', width: 6, height: 6, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' },
    element('rect', { width: 6, height: 6, fill: 'var(--panel)' }), element('path', { d: 'M0 0V6', stroke: 'var(--line)', 'stroke-width': 2 })));
}
// cells[y][x]: null, or {text, label, step, hasFailed, choose}.
function drawGrid(figure, { xTitle, yTitle, xs, ys, cells, caption, width = 52, height = 30 }) {
  const isLong = xs.some(name => name.length > 8);
  const left = 84, top = 8, bottom = isLong ? 64 : 44;
  const w = left + xs.length * width + 8, h = top + ys.length * height + bottom;
  const svg = element('svg', { width: w, height: h, viewBox: `0 0 ${w} ${h}`, role: 'group', 'aria-label': caption }, hatch());
  ys.forEach((name, y) => svg.append(element('text', { class: 'axis', x: left - 8, y: top + y * height + height / 2 + 4, 'text-anchor': 'end' }, name)));
  xs.forEach((name, x) => {
    const at = [left + x * width + width / 2, top + ys.length * height + 14];
    svg.append(element('text', { class: 'axis', x: at[0], y: at[1], 'text-anchor': isLong ? 'end' : 'middle',
      transform: isLong ? `rotate(-35 ${at[0]} ${at[1]})` : null }, name));
  });
  svg.append(element('text', { x: left + xs.length * width / 2, y: h - 6, 'text-anchor': 'middle' }, xTitle),
    element('text', { x: 14, y: top + ys.length * height / 2, 'text-anchor': 'middle', transform: `rotate(-90 14 ${top + ys.length * height / 2})` }, yTitle));
  let chosen = null;
  cells.forEach((row, y) => row.forEach((cell, x) => {
    const [cx, cy] = [left + x * width, top + y * height];
    const box = { x: cx + 1, y: cy + 1, width: width - 2, height: height - 2, rx: 3 };
    if (cell === null) return svg.append(element('rect', { ...box, class: 'none' }));
    const choose = () => {
      if (!cell.choose) return;
      if (chosen) chosen.classList.remove('chosen');
      chosen = group;
      group.classList.add('chosen');
      cell.choose();
    };
    const group = element('g', { class: cell.choose ? 'cell' : null, tabindex: cell.choose ? 0 : null, role: cell.choose ? 'button' : 'img', 'aria-label': cell.label,
      onclick: choose, onkeydown: event => { if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); choose(); } } },
      element('title', {}, cell.label), element('rect', { ...box, class: cell.hasFailed ? 'failed' : `heat${cell.step}` }));
    group.append(element('text', { class: cell.hasFailed ? 'on-failed' : cell.step >= 3 ? 'hot' : 'cool', x: cx + width / 2, y: cy + height / 2 + 4, 'text-anchor': 'middle' }, cell.text));
    svg.append(group);
  }));
  const rows = cells.map((row, y) => [ys[y], ...row.map(cell => cell === null ? '' : cell.text + (cell.hasFailed ? ' ✕' : ''))]);
  figure.replaceChildren(svg, element('figcaption', {}, caption),
    element('details', {}, element('summary', {}, 'As a table'), table(caption, [[`${yTitle} \\ ${xTitle}`, false], ...xs.map(name => [name, true])], rows)));
  figure.dataset.drawn = 'yes';
}

function drawHeat() {
  const get = id => document.getElementById(id).value;
  const [kernel, xKey, yKey, of] = [get('heat-kernel'), get('heat-x'), get('heat-y'), get('heat-of')];
  const groups = new Map();
  for (const n of judgedOf(kernel)) {
    const key = binOf(cases[yKey][n]) * 100 + binOf(cases[xKey][n]);
    if (!groups.has(key)) groups.set(key, { count: 0, failed: 0, ratio: 0 });
    const group = groups.get(key);
    ++group.count;
    if (hasFailed(n)) ++group.failed;
    group.ratio = worse(group.ratio, cases[of][n]);
  }
  const bins = part => [...new Set([...groups.keys()].map(part))].sort((a, b) => a - b);
  const xs = bins(key => key % 100), ys = bins(key => Math.floor(key / 100));
  const filterOf = (key, bin) => sizeBins[bin][0] === sizeBins[bin][1] ? `${key}=${sizeBins[bin][0]}` : `${key}=${sizeBins[bin][0]}:${sizeBins[bin][1]}`;
  const cells = ys.map(y => xs.map(x => {
    const group = groups.get(y * 100 + x);
    if (!group) return null;
    const label = `${yKey} ${binText(sizeBins[y])}, ${xKey} ${binText(sizeBins[x])}: ${group.count} cases, ${group.failed} failed, ` +
      `largest error / bound ${ratioText(group.ratio)}`;
    const words = [...new Set([filterOf(yKey, y), filterOf(xKey, x)])];
    if (kernel !== '') words.push(`kernel=${cases.kernel.words[Number(kernel)]}`);
    words.push('ratio>=0');  // judged cases alone
    return { text: group.failed > 0 && !(group.ratio > 1) ? '✕' : ratioText(group.ratio).replace(/^0\./, '.'), label, step: stepOf(group.ratio), hasFailed: group.failed > 0,
      choose: () => setFilter(words.join(' '), true) };
  }));
  drawGrid(document.getElementById('heat-figure'), { xTitle: heatAxes[xKey].join(', '), yTitle: heatAxes[yKey].join(', '),
    xs: xs.map(x => binText(sizeBins[x])), ys: ys.map(y => binText(sizeBins[y])), cells,
    caption: `Largest error / bound of ${of === 'o' ? 'O' : 'LSE'} by ${yKey} and ${xKey}; red: a case failed; hatched: not drawn` });
}

function drawPosition() {
  const kernel = document.getElementById('position-kernel').value;
  const tile = Number(document.getElementById('position-tile').value);
  const bins = 16, size = tile / bins;
  const counts = Array.from({ length: bins }, () => Array(bins).fill(0));
  let most = 0;
  for (const n of judgedOf(kernel)) {
    if (cases.row[n] === null) continue;
    const y = Math.floor(cases.row[n] % tile / size), x = Math.floor(cases.column[n] % tile / size);
    most = Math.max(most, ++counts[y][x]);
  }
  const names = counts.map((_, i) => size === 1 ? String(i) : `${i * size}–${i * size + size - 1}`);
  const cells = counts.map((row, y) => row.map((count, x) => count === 0 ? null
    : { text: String(count), label: `row ${names[y]}, column ${names[x]} of the tile: ${count} cases`, step: stepOf(count / (most + 1)), hasFailed: false }));
  drawGrid(document.getElementById('position-figure'), { xTitle: `column of O, modulo ${tile}`, yTitle: `row, modulo ${tile}`, xs: names, ys: names, cells, width: 46, height: 26,
    caption: `Cases by the place of their largest error of O within a tile of ${tile} × ${tile}; hatched: none` });
}
