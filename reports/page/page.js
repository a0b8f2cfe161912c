// Theme, copy buttons, sortable tables; then every figure is drawn. SPDX-License-Identifier: Apache-2.0
'use strict';
const root = document.documentElement;
const prefersDark = window.matchMedia('(prefers-color-scheme: dark)');
function setTheme(theme) {
  root.dataset.theme = theme;
  if (drawnCharts.length > 0) drawCharts();
}
function copyText(text) {
  // The clipboard's own interface needs a permission that a page from disk may lack.
  const area = element('textarea', { readonly: '', style: 'position:fixed;left:-99rem' });
  area.value = text;
  document.body.append(area);
  area.select();
  const isCopied = document.execCommand('copy');
  area.remove();
  return isCopied;
}
document.addEventListener('click', event => {
  const button = event.target.closest('button.copy');
  if (!button) return;
  const isCopied = copyText(button.dataset.text);
  button.textContent = isCopied ? 'Copied' : 'Select and copy by hand';
  button.focus();
  setTimeout(() => { button.textContent = 'Copy'; }, 2000);
});

// Numbers with units and words, in the order of a person.
function sortValue(text) {
  const parts = /^([-+]?[\d.]+(?:e[-+]?\d+)?)\s*([kMGT]?)B?%?$/.exec(text.trim());
  if (!parts) return text === 'inf' || text === 'nan' ? Infinity : text;
  return Number(parts[1]) * 1000 ** ' kMGT'.indexOf(parts[2] || ' ');
}
function makeSortable(table_) {
  const heads = [...table_.querySelectorAll('thead th')];
  heads.forEach((head, column) => {
    const title = head.textContent;
    head.replaceChildren(element('button', { type: 'button', onclick: () => {
      const isDescending = head.getAttribute('aria-sort') === 'ascending';
      for (const other of heads) other.removeAttribute('aria-sort');
      head.setAttribute('aria-sort', isDescending ? 'descending' : 'ascending');
      const body = table_.tBodies[0];
      const rows = [...body.rows].map(row => [sortValue(row.cells[column].textContent), row]);
      const order = (a, b) => typeof a === typeof b ? (a < b ? -1 : a > b ? 1 : 0) : typeof a === 'number' ? -1 : 1;
      rows.sort((a, b) => order(a[0], b[0]) * (isDescending ? -1 : 1));
      body.append(...rows.map(([, row]) => row));
    } }, title));
  });
}

function start() {
  setTheme(prefersDark.matches ? 'dark' : 'light');
  prefersDark.addEventListener('change', event => setTheme(event.matches ? 'dark' : 'light'));
  document.getElementById('theme').addEventListener('click', () => setTheme(root.dataset.theme === 'dark' ? 'light' : 'dark'));
  window.addEventListener('beforeprint', () => { root.dataset.before = root.dataset.theme; setTheme('light'); });
  window.addEventListener('afterprint', () => setTheme(root.dataset.before));
  document.querySelectorAll('table.sortable').forEach(makeSortable);
  for (const id of ['coverage-kernel', 'heat-kernel', 'position-kernel']) fillSelect(document.getElementById(id), kernelChoices(), '');
  const axes = Object.entries(heatAxes).map(([key, names]) => [key, names.join(', ')]);
  fillSelect(document.getElementById('heat-x'), axes, 'skv');
  fillSelect(document.getElementById('heat-y'), axes, 'sq');
  const on = (ids, draw) => ids.forEach(id => document.getElementById(id).addEventListener('change', draw));
  on(['coverage-kernel'], drawCoverage);
  on(['heat-kernel', 'heat-x', 'heat-y', 'heat-of'], drawHeat);
  on(['position-kernel', 'position-tile'], drawPosition);
  fillSelect(document.getElementById('ulp-kernel'), [['', 'all'], ...[...new Set(data.ulps.map(part => part.kernel))].map(name => [name, name])], '');
  on(['ulp-kernel'], drawCharts);
  startCases();
  drawCoverage();
  drawHeat();
  drawPosition();
  drawCharts();
  root.dataset.drawn = String(Math.round(performance.now()));  // milliseconds from navigation to the last chart
}
start();
