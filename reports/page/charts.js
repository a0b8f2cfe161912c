// Histograms and the layer's bars, by Chart.js. SPDX-License-Identifier: Apache-2.0
'use strict';
const drawnCharts = [];
const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const seriesColour = i => colour(`--series${i % 5}`);
const short = value => {
  const units = ['', 'k', 'M', 'G', 'T'];
  let unit = 0;
  while (value >= 999.5 && unit < 4) { value /= 1000; ++unit; }
  return `${Number(value.toPrecision(3))} ${units[unit]}`.trim();
};
const scaleOf = (title, more = {}) => ({ ...more, title: { display: true, text: title, color: colour('--text') },
  ticks: { color: colour('--quiet'), ...more.ticks }, grid: { color: colour('--line') } });
function chart(canvas, config) {
  config.options = { ...config.options, animation: false, responsive: true, maintainAspectRatio: false };
  config.options.plugins = { legend: { labels: { color: colour('--text') } }, ...config.options.plugins };
  drawnCharts.push(new Chart(canvas, config));
  canvas.dataset.drawn = 'yes';
}

const dtypeOrder = ['f32', 'tf32', 'f16', 'bf16'];

function drawError() {
  const bins = 20, order = dtypeOrder;
  const numbers = cases.dtype.words.map((_, i) => i).sort((a, b) => order.indexOf(cases.dtype.words[a]) - order.indexOf(cases.dtype.words[b]));
  const dtypes = cases.dtype.words;
  const labels = [...Array(bins).keys()].map(i => (i / bins).toFixed(2)).concat(['> 1']);
  const counts = dtypes.map(() => Array(bins + 1).fill(0));
  const ratios = dtypes.map(() => []);
  for (const n of judged) {
    if (cases.o[n] === null || word('verdict', n) === 'fault') continue;
    const ratio = Number.isNaN(cases.o[n]) ? Infinity : cases.o[n];
    ++counts[cases.dtype.of[n]][ratio > 1 ? bins : Math.min(bins - 1, Math.floor(ratio * bins))];
    ratios[cases.dtype.of[n]].push(ratio);
  }
  chart(document.getElementById('error-chart'), { type: 'bar',
    data: { labels, datasets: numbers.map((i, place) => ({ label: dtypes[i], data: counts[i].map(count => count === 0 ? null : count), backgroundColor: seriesColour(place) })) },
    options: { scales: { x: scaleOf('error / bound of O, from'), y: scaleOf('cases', { type: 'logarithmic', min: 0.8,
      ticks: { callback: value => Number.isInteger(Math.log10(value)) ? short(value) : '' } }) } } });
  const quantile = (sorted, share) => sorted.length === 0 ? null : sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  document.getElementById('error-table').replaceChildren(table('Error / bound of O by dtype, without faults',
    [['dtype', false], ['cases', true], ['half below', true], ['99 % below', true], ['largest', true], ['above 1', true]],
    numbers.map(i => {
      const sorted = ratios[i].sort((a, b) => a - b);
      return [dtypes[i], String(sorted.length), ratioText(quantile(sorted, 0.5)), ratioText(quantile(sorted, 0.99)), ratioText(quantile(sorted, 1)), String(counts[i][bins])];
    })));
}

const ulpLabels = ['≤ ½', '≤ 1', ...[...Array(10).keys()].map(n => `≤ ${2 ** (n + 1)}`), 'more'];
// For each dtype that the choice has: its sums over the kernels.
function ulpSums(kernel) {
  const sums = new Map();
  for (const part of data.ulps) {
    if (kernel !== '' && part.kernel !== kernel) continue;
    const sum = sums.get(part.dtype) || { cases: 0, of_kernel: ulpLabels.map(() => 0), of_unfused: ulpLabels.map(() => 0) };
    sum.cases += part.cases;
    for (const who of ['of_kernel', 'of_unfused']) part[who].forEach((count, n) => { sum[who][n] += count; });
    sums.set(part.dtype, sum);
  }
  return [...sums.entries()].sort(([a], [b]) => dtypeOrder.indexOf(a) - dtypeOrder.indexOf(b));
}
// The class below which this share of the elements lies.
function ulpShare(counts, share) {
  const all = counts.reduce((a, b) => a + b, 0);
  let sum = 0;
  const n = counts.findIndex(count => (sum += count) >= share * all);
  return all === 0 ? '-' : ulpLabels[n];
}
function drawUlps() {
  const place = document.getElementById('ulp-charts');
  const sums = ulpSums(document.getElementById('ulp-kernel').value);
  place.replaceChildren();
  for (const [dtype, sum] of sums) {
    const canvas = element('canvas', { role: 'img', 'aria-label': `Histogram of errors of ${dtype} in units in the last place; the table below has its figures` });
    place.append(element('figure', { class: 'figure' }, element('div', { class: 'chart' }, canvas), element('figcaption', {}, `${dtype}: elements of O by error`)));
    const share = counts => { const all = counts.reduce((a, b) => a + b, 0); return counts.map(count => count === 0 ? null : 100 * count / all); };
    chart(canvas, { type: 'bar', data: { labels: ulpLabels, datasets: [
      { label: 'kernel', data: share(sum.of_kernel), backgroundColor: seriesColour(0) },
      { label: 'unfused', data: share(sum.of_unfused), backgroundColor: seriesColour(1) }] },
      options: { scales: { x: scaleOf('units in the last place'), y: scaleOf('% of the elements', { type: 'logarithmic', min: 1e-4, max: 100,
        ticks: { callback: value => Number.isInteger(Math.log10(value)) ? String(value) : '' } }) } } });
  }
  const total = counts => counts.reduce((a, b) => a + b, 0);
  document.getElementById('ulp-table').replaceChildren(sums.length === 0 ? element('p', {}, 'No case of this run was compared with the unfused computation.')
    : table('Errors of O in units in the last place', [['dtype', false], ['whose', false], ['cases', true], ['elements', true], ['half', true], ['99 %', true], ['all', true]],
    sums.flatMap(([dtype, sum]) => [
      [dtype, 'kernel', String(sum.cases), short(total(sum.of_kernel)), ulpShare(sum.of_kernel, 0.5), ulpShare(sum.of_kernel, 0.99), ulpShare(sum.of_kernel, 1)],
      [dtype, 'unfused', String(sum.cases), short(total(sum.of_unfused)), ulpShare(sum.of_unfused, 0.5), ulpShare(sum.of_unfused, 0.99), ulpShare(sum.of_unfused, 1)]])));
  place.dataset.drawn = 'yes';
}

function drawLayers() {
  for (const canvas of document.querySelectorAll('canvas[data-layer]')) {
    const layer = data.layers[Number(canvas.dataset.layer)];
    const labels = layer.pipelines.map(pipeline => pipeline.name);
    const of = key => layer.pipelines.map(pipeline => pipeline[key]);
    const bars = (label, values, i, more = {}) => ({ label, data: values, backgroundColor: seriesColour(i), ...more });
    let datasets;
    if (canvas.dataset.chart === 'launches') {
      const kinds = [...new Set(layer.pipelines.flatMap(pipeline => Object.keys(pipeline.kinds)))];
      datasets = kinds.map((kind, i) => bars(kind, layer.pipelines.map(pipeline => pipeline.kinds[kind] || 0), i, { stack: 'launches' }));
    } else if (canvas.dataset.chart === 'bytes') {
      datasets = [bars('requested', of('requested'), 0), bars('touched', of('touched'), 1), bars('least', labels.map(() => layer.least), 2)];
    } else {
      datasets = [bars('in mma', of('mma_flops'), 0, { stack: 'flops' }),
        bars('others', layer.pipelines.map(pipeline => pipeline.flops - pipeline.mma_flops), 1, { stack: 'flops' })];
    }
    const isStacked = canvas.dataset.chart !== 'bytes';
    chart(canvas, { type: 'bar', data: { labels, datasets }, options: { indexAxis: 'y', scales: {
      x: scaleOf(canvas.dataset.chart === 'launches' ? 'launches' : canvas.dataset.chart === 'bytes' ? 'bytes' : 'operations',
        { stacked: isStacked, beginAtZero: true, ticks: { callback: short, maxTicksLimit: 6, precision: 0 } }),
      y: scaleOf('', { stacked: isStacked, ticks: { color: colour('--text') } }) } } });
  }
}
function drawCharts() {
  while (drawnCharts.length > 0) drawnCharts.pop().destroy();
  drawError();
  drawUlps();
  drawLayers();
}
