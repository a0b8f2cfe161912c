// The table of all cases: only the rows in sight are in the document. SPDX-License-Identifier: Apache-2.0
'use strict';
const rowHeight = 28;
const caseColumns = [['id', idOf], ['kernel', n => word('kernel', n)], ['property', n => word('property', n)], ['dtype', n => word('dtype', n)],
  ['verdict', n => word('verdict', n)], ['o', n => ratioText(cases.o[n])], ['lse', n => ratioText(cases.lse[n])], ['case', n => cases.case[n]]];
const caseTable = { rows: [], sort: null, isDescending: false, current: 0 };

function sortRows() {
  const { sort, isDescending, rows } = caseTable;
  if (sort === null) return;
  const isNumber = numberKeys.includes(sort);
  const valueOf = caseColumns.find(([key]) => key === sort)[1];
  const keys = new Map(rows.map(n => {
    const value = isNumber ? cases[sort][n] : valueOf(n);
    return [n, isNumber ? (value === null ? -1 : Number.isNaN(value) ? Infinity : value) : value];
  }));
  rows.sort((a, b) => {
    const [x, y] = [keys.get(a), keys.get(b)];
    return (x < y ? -1 : x > y ? 1 : 0) * (isDescending ? -1 : 1) || a - b;
  });
}
function rowOf(place) {
  const n = caseTable.rows[place];
  const cells = caseColumns.map(([key, textOf]) =>
    element('span', { role: 'cell', class: key === 'verdict' ? word('verdict', n) : key === 'case' || key === 'id' ? 'mono' : null }, textOf(n)));
  return element('div', { class: 'row', role: 'row', 'aria-rowindex': place + 2, 'data-case': n, style: `top:${place * rowHeight}px`,
    tabindex: place === caseTable.current ? 0 : -1, onclick: () => showCase(place) }, ...cells);
}
function drawRows() {
  const body = caseTable.body;
  const first = Math.max(0, Math.floor(body.scrollTop / rowHeight) - 5);
  const last = Math.min(caseTable.rows.length, first + Math.ceil((body.clientHeight || 480) / rowHeight) + 10);
  const had = body.contains(document.activeElement) && document.activeElement.classList.contains('row');
  caseTable.inner.style.height = `${caseTable.rows.length * rowHeight}px`;
  caseTable.inner.replaceChildren(...Array.from({ length: last - first }, (_, i) => rowOf(first + i)));
  if (had) caseTable.inner.querySelector('[tabindex="0"]')?.focus({ preventScroll: true });
}
function moveTo(place) {
  if (caseTable.rows.length === 0) return;
  caseTable.current = Math.max(0, Math.min(caseTable.rows.length - 1, place));
  const top = caseTable.current * rowHeight, body = caseTable.body;
  if (top < body.scrollTop) body.scrollTop = top;
  if (top + rowHeight > body.scrollTop + body.clientHeight) body.scrollTop = top + rowHeight - body.clientHeight;
  drawRows();
  caseTable.inner.querySelector('[tabindex="0"]')?.focus({ preventScroll: true });
}
function showCase(place) {
  caseTable.current = place;
  const n = caseTable.rows[place];
  const detail = document.getElementById('case-detail');
  const replay = replayOf(n);
  const counts = [`${cases.launches[n]} launches`, `${cases.instructions[n]} warp instructions`];
  if (cases.bytes[n] !== null) counts.push(`${cases.bytes[n]} bytes requested`);
  const place_ = cases.row[n] === null ? '' : `; largest error of O in row ${cases.row[n]}, column ${cases.column[n]}`;
  detail.replaceChildren(element('h3', {}, `${word('verdict', n)}  ${word('kernel', n)} / ${word('property', n)}  id ${idOf(n)}`),
    element('p', { class: 'mono' }, cases.case[n]), element('p', {}, word('reason', n)),
    element('p', {}, `error / bound: o ${ratioText(cases.o[n])}, lse ${ratioText(cases.lse[n])}${place_}; ${counts.join(', ')}`),
    element('div', { class: 'replay' }, element('code', {}, replay), element('button', { type: 'button', class: 'copy', 'data-text': replay }, 'Copy')));
  detail.hidden = false;
  for (const row of caseTable.inner.children) row.toggleAttribute('aria-selected', false);
  caseTable.inner.querySelector(`[data-case="${n}"]`)?.setAttribute('aria-selected', 'true');
}
function showFiltered() {
  caseTable.rows = filtered(document.getElementById('filter').value);
  caseTable.current = 0;
  sortRows();
  const failed = caseTable.rows.filter(hasFailed).length;
  document.getElementById('case-count').textContent = `${caseTable.rows.length} of ${caseCount} cases, ${failed} of them failed`;
  caseTable.frame.setAttribute('aria-rowcount', caseTable.rows.length + 1);
  caseTable.body.scrollTop = 0;
  drawRows();
}
function setFilter(text, mustShow) {
  document.getElementById('filter').value = text;
  showFiltered();
  if (mustShow) document.getElementById('cases').scrollIntoView();
}
function startCases() {
  const heads = caseColumns.map(([key]) => element('span', { role: 'columnheader', 'aria-sort': 'none' },
    element('button', { type: 'button', title: key === 'o' || key === 'lse' ? 'error / bound' : null, onclick: event => {
      caseTable.isDescending = caseTable.sort === key ? !caseTable.isDescending : numberKeys.includes(key);
      caseTable.sort = key;
      for (const head of heads) head.setAttribute('aria-sort', 'none');
      event.target.parentNode.setAttribute('aria-sort', caseTable.isDescending ? 'descending' : 'ascending');
      showFiltered();
    } }, key)));
  caseTable.inner = element('div', { role: 'rowgroup', style: 'position:relative' });
  caseTable.body = element('div', { class: 'body', onscroll: () => requestAnimationFrame(drawRows), onkeydown: event => {
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 15, PageUp: -15 };
    if (event.key in steps) { event.preventDefault(); moveTo(caseTable.current + steps[event.key]); }
    if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); showCase(caseTable.current); }
  } }, caseTable.inner);
  caseTable.frame = element('div', { class: 'frame', role: 'table', 'aria-label': 'All cases' },
    element('div', { class: 'head', role: 'row' }, ...heads), caseTable.body);
  document.getElementById('case-table').append(caseTable.frame);
  let timer = 0;
  document.getElementById('filter').addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(showFiltered, 80); });
  document.getElementById('clear').addEventListener('click', () => setFilter('', false));
  showFiltered();
  document.getElementById('case-table').dataset.drawn = 'yes';
}
