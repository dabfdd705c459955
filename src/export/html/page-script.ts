/**
 * The script of the report: a range of time and a finding narrow what the page shows. Browser JavaScript as
 * text; names only ever become text nodes. It tells the flame graph by an event, and PAGE_TOOLS has the buttons.
 *
 * A range goes from one edge of time to another. What a call path took in it and still held at its end is at least
 * by how much it rose, and at least what it took in it and holds to this day: the greater of both is shown.
 */
export const PAGE_SCRIPT = String.raw`
(() => {
const byId = (id) => document.getElementById(id);
const data = JSON.parse(byId('data').textContent), { edges, durationNs, held, taken, finding, findings, processes } = data.report;
const last = edges.length - 1, bytesOf = data.stacks.map(([bytes]) => bytes);
const time = byId('time'), brush = byId('brush'), chip = byId('chip'), only = byId('only'), when = byId('when'), colourBy = byId('colour');
const rows = [...document.querySelectorAll('[data-finding]')], people = [...document.querySelectorAll('[data-process]')];
const texts = (nodes, select) => nodes.map((node) => node.querySelector(select).textContent);
const heldTexts = texts(rows, '.c1 span'), peopleTexts = texts(people, '.held');
const heads = ['held-head', 'who-head'].map((id) => [byId(id), byId(id) && byId(id).textContent]);
// The range as two edges, the finding, and in which order they came.
let range = null, chosen = -1, order = [], cursor = 0, anchor = -1;

function bytesText(bytes) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let unit = 0;
  while (bytes >= 1023.5 && unit < 5) { bytes /= 1024; unit++; }
  return (unit === 0 ? Math.round(bytes) : bytes < 9.995 ? bytes.toFixed(2) : bytes < 99.95 ? bytes.toFixed(1) : bytes.toFixed(0)) + ' ' + units[unit];
}
function timeText(ns) {
  const s = ns / 1e9;
  if (s < 59.95) return (s < 9.995 ? s.toFixed(2) : s.toFixed(1)) + 's';
  const two = (n) => String(n).padStart(2, '0'), whole = Math.round(s);
  return whole < 3600 ? Math.floor(whole / 60) + 'm ' + two(whole % 60) + 's' : Math.floor(whole / 3600) + 'h ' + two(Math.floor(whole / 60) % 60) + 'm';
}
const rangeText = () => timeText(edges[range[0]]) + ' to ' + timeText(edges[range[1]]);
function inRange(steps) {
  let sum = 0;
  for (let i = 0; i < steps.length; i += 2) if (steps[i] >= range[0] && steps[i] < range[1]) sum += steps[i + 1];
  return sum;
}
const isRange = () => range !== null && when.value === 'range';
function weightOf(index) {
  if (!isRange()) return bytesOf[index];
  const curve = held[index];
  return Math.max(curve.length > 0 ? curve[range[1]] - curve[range[0]] : 0, inRange(taken[index]));
}
function show() {
  showTime(); showFindings(); showPeople(); showChip(); showFlame();
}
function showTime() {
  const at = (edge) => (100 * edges[edge]) / durationNs;
  for (const box of document.querySelectorAll('.range')) box.remove();
  if (brush === null) return;
  byId('picked').hidden = range === null;
  byId('cursor').style.left = at(cursor) + '%';
  byId('picked-text').textContent = range ? rangeText() : 'Drag a range, or Shift with ← →';
  brush.setAttribute('aria-valuenow', cursor);
  brush.setAttribute('aria-valuetext', range ? rangeText() : timeText(edges[cursor]) + ', no range');
  if (range) {
    const place = (box) => { box.style.left = at(range[0]) + '%'; box.style.width = at(range[1]) - at(range[0]) + '%'; };
    place(byId('picked'));
    for (const plot of document.querySelectorAll('.plot')) {
      const box = document.createElement('div');
      box.className = 'range';
      place(box);
      plot.append(box);
    }
  }
  showBand();
}
// A chosen finding alone, by its own greatest value.
function showBand() {
  const one = byId('one'), bands = byId('bands');
  if (one === null) return;
  const curve = chosen < 0 ? [] : findings[chosen].held, single = curve.length > 0;
  bands.style.display = single ? 'none' : '';
  one.style.display = single ? 'block' : 'none';
  const most = document.querySelector('#held .most');
  most.dataset.all ??= most.textContent;
  most.textContent = single ? 'finding ' + (chosen + 1) + ': most ' + bytesText(Math.max(...curve)) : most.dataset.all;
  if (!single) return;
  const greatest = Math.max(1, ...curve), x = (i) => (1000 * edges[i]) / durationNs;
  one.setAttribute('class', 'f' + Math.min(6, chosen));
  one.setAttribute('points', x(0) + ',220 ' + curve.map((bytes, i) => x(i) + ',' + (220 - (220 * bytes) / greatest)).join(' ') + ' ' + x(last) + ',220');
}
function showFindings() {
  const sums = rows.map(() => 0);
  if (isRange()) finding.forEach((place, index) => { if (place >= 0) sums[place] += weightOf(index); });
  let none = 0;
  rows.forEach((row, i) => {
    row.classList.toggle('chosen', i === chosen);
    row.querySelector('.c0 button').setAttribute('aria-pressed', i === chosen);
    row.querySelector('.c1 span').textContent = isRange() ? bytesText(sums[i]) : heldTexts[i];
    row.hidden = isRange() && sums[i] === 0 && i !== chosen;
    if (row.hidden) none++;
  });
  // A range shows every finding that took something in it.
  const table = document.querySelector('table.findings'), more = byId('more');
  if (table && more && !more.hidden) {
    const few = !isRange() && chosen < 10;
    table.classList.toggle('few', few);
    more.style.display = few ? '' : 'none';
  }
  const rest = byId('findings-rest');
  if (rest === null) return;
  rest.dataset.all ??= rest.textContent;
  rest.textContent = none === 0 ? rest.dataset.all : none + (none === 1 ? ' finding' : ' findings') + ' took nothing in this range that is still held at its end. ' + rest.dataset.all;
}
function showPeople() {
  const narrow = isRange() || chosen >= 0;
  people.forEach((row, i) => {
    const took = processes[i].filter((part) => chosen < 0 || part.finding === chosen);
    const unknown = isRange() && took.some((part) => part.taken === null);
    const sum = took.reduce((all, part) => all + (!isRange() ? part.bytes : part.taken === null ? 0 : inRange(part.taken)), 0);
    row.querySelector('.held').textContent = unknown ? '?' : narrow ? bytesText(sum) : peopleTexts[i];
    row.hidden = narrow && sum === 0 && !unknown;
  });
  heads.forEach(([head, text]) => { if (head) head.textContent = isRange() ? 'TAKEN' : text; });
  const table = people[0] && people[0].closest('table');
  if (table) table.classList.toggle('narrow', narrow);
  const note = byId('who-note');
  if (note) note.textContent = !narrow ? '' : 'Only ' + parts().map(([, text]) => text).join(', ') +
    (isRange() ? ': taken in the range and still held at the end of the trace.' : '.');
}
const parts = () => order.map((name) => [name, name === 't' ? rangeText() : 'finding ' + (chosen + 1) + ' ' + findings[chosen].name]);
function showChip() {
  chip.replaceChildren();
  if (order.length === 0) return;
  chip.append('only: ');
  for (const [name, text] of parts()) {
    const button = document.createElement('button');
    button.type = 'button';
    const cross = document.createElement('span');
    cross.className = 'hint';
    cross.textContent = ' ×';
    button.append(text, cross);
    button.setAttribute('aria-label', 'No longer only ' + text);
    button.addEventListener('click', () => drop(name));
    chip.append(button);
  }
  const hint = document.createElement('span');
  hint.className = 'hint';
  hint.textContent = 'Esc drops the last';
  chip.append(hint);
}
function showFlame() {
  const every = chosen < 0 && !isRange(), groups = data.report[colourBy.value], named = (list) => [...list.slice(0, 6), 'others'];
  const names = colourBy.value === 'finding' ? named(findings.map(({ name }, i) => i + 1 + ' ' + name)) : colourBy.value === 'holder' ? named(data.report.holders) : null;
  const colour = names && { names, of: groups.map((place) => (place < 0 ? names.length - 1 : Math.min(place, names.length - 1))) };
  const legend = byId('colours');
  legend.replaceChildren();
  for (const [i, name] of (names || []).entries()) {
    const item = document.createElement('span'), swatch = document.createElement('i');
    swatch.className = 'f' + i;
    item.append(swatch, name);
    legend.append(item);
  }
  only.value = String(chosen);
  when.disabled = range === null;
  const weight = every ? null : (index) => (chosen >= 0 && finding[index] !== chosen ? 0 : weightOf(index));
  document.dispatchEvent(new CustomEvent('flame', { detail: { weight, colour } }));
}
// What the address says: seconds, and the number of the finding.
const seconds = (edge) => String(Number((edges[edge] / 1e9).toFixed(2)));
function keep() {
  const address = order.map((name) => (name === 't' ? 't=' + seconds(range[0]) + ',' + seconds(range[1]) : 'f=' + (chosen + 1)));
  history.replaceState(null, '', address.length ? '#' + address.join('&') : location.pathname + location.search);
}
function narrow(name, is) {
  if (is !== order.includes(name)) order = is ? [...order, name] : order.filter((each) => each !== name);
}
function setRange(from, to) {
  const next = from === to ? null : [Math.min(from, to), Math.max(from, to)];
  if (String(next) === String(range)) return;
  if (next === null) when.value = 'held'; else if (range === null) when.value = 'range';
  range = next;
  narrow('t', range !== null); show(); keep();
}
function choose(place) { chosen = place; narrow('f', place >= 0); show(); keep(); }
function drop(name) { if (name === 't') { anchor = -1; setRange(0, 0); } else choose(-1); }

const edgeAt = (ns) => edges.reduce((best, edge, i) => (Math.abs(edge - ns) < Math.abs(edges[best] - ns) ? i : best), 0);
if (brush !== null) {
  for (const area of [brush, ...document.querySelectorAll('.plot')]) {
    const at = (event) => { const box = area.getBoundingClientRect(); return edgeAt(((event.clientX - box.left) / box.width) * durationNs); };
    let from = -1;
    area.addEventListener('pointerdown', (event) => { if (event.button === 0) { from = at(event); area.setPointerCapture(event.pointerId); } });
    area.addEventListener('pointermove', (event) => { if (from >= 0 && event.buttons & 1) { cursor = at(event); anchor = from; setRange(from, cursor); } });
    for (const end of ['pointerup', 'pointercancel']) area.addEventListener(end, () => { from = -1; });
  }
  const KEYS = { ArrowLeft: () => cursor - 1, ArrowRight: () => cursor + 1, Home: () => 0, End: () => last };
  brush.addEventListener('keydown', (event) => {
    if (!(event.key in KEYS) || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.shiftKey && anchor < 0) anchor = cursor;
    cursor = Math.max(0, Math.min(last, KEYS[event.key]()));
    if (event.shiftKey) setRange(anchor, cursor); else anchor = -1;
    showTime(); event.preventDefault();
  });
}
// An event takes the 30 s before it.
for (const sign of document.querySelectorAll('.lane button')) {
  if (last < 1) break;
  sign.addEventListener('click', () => {
    const ns = Number(sign.dataset.ns), to = Math.max(1, edgeAt(ns));
    cursor = to; anchor = Math.min(to - 1, edgeAt(ns - 30e9));
    setRange(anchor, to);
  });
}
rows.forEach((row, i) => {
  const button = row.querySelector('.c0 button'), toggle = () => choose(chosen === i ? -1 : i);
  row.querySelector('.row').addEventListener('click', toggle);
  button.addEventListener('keydown', (event) => {
    const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    let to = i + by;
    while (rows[to] && rows[to].getClientRects().length === 0) to += by;
    if (by === 0 || !rows[to]) return;
    rows[to].querySelector('.c0 button').focus(); event.preventDefault();
  });
});
only.addEventListener('change', () => choose(Number(only.value)));
when.addEventListener('change', show);
colourBy.addEventListener('change', showFlame);
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || event.defaultPrevented || order.length === 0) return;
  drop(order[order.length - 1]); event.preventDefault();
});
function read() {
  range = null; chosen = -1; order = [];
  for (const [name, value] of new URLSearchParams(location.hash.slice(1))) {
    const two = value.split(',').map(Number), number = Number(value);
    if (name === 't' && last > 0 && two.length === 2 && two.every(Number.isFinite)) {
      const [from, to] = two.map((s) => edgeAt(s * 1e9));
      if (from < to) { range = [from, to]; anchor = from; cursor = to; narrow('t', true); when.value = 'range'; }
    } else if (name === 'f' && Number.isInteger(number) && number > 0 && number <= rows.length) { chosen = number - 1; narrow('f', true); }
  }
  show();
}
addEventListener('hashchange', read);
read();
})();`;
