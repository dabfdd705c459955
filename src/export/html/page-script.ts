/** The script of the report: scheme, range, chosen finding, address, copy. It tells the flame graph by an event. */
export const PAGE_SCRIPT = String.raw`
(() => {
const byId = (id) => document.getElementById(id);
const data = JSON.parse(byId('data').textContent), axis = data.axis;
const time = byId('time'), chip = byId('chip'), rows = [...document.querySelectorAll('tr[data-finding]')];
const first = axis ? axis.firstNs / 1e9 : 0, step = axis ? axis.stepNs / 1e9 : 1, last = axis ? axis.points - 1 : 0;
let range = null, chosen = -1, anchor = 0;
const clamp = (i) => Math.max(0, Math.min(last, Math.round(i)));
const seconds = (i) => (first + i * step).toFixed(2);
function show() {
  if (time) {
    byId('range').setAttribute('x', range ? (1000 * range[0]) / last : 0);
    byId('range').setAttribute('width', range ? (1000 * (range[1] - range[0])) / last : 0);
  }
  rows.forEach((row, i) => row.classList.toggle('chosen', i === chosen));
  const parts = [], address = [];
  if (range) { parts.push(seconds(range[0]) + ' to ' + seconds(range[1]) + 's'); address.push('t=' + seconds(range[0]) + ',' + seconds(range[1])); }
  if (chosen >= 0) { parts.push('finding ' + (chosen + 1) + ', its greatest call paths'); address.push('f=' + (chosen + 1)); }
  if (chip) chip.textContent = parts.length ? 'only: ' + parts.join(' › ') + '   Esc drops the last' : '';
  history.replaceState(null, '', address.length ? '#' + address.join('&') : location.pathname + location.search);
  const ids = chosen < 0 ? null : new Set(data.findings[chosen]);
  document.dispatchEvent(new CustomEvent('flame', { detail: (index, bytes) => {
    if (ids && !ids.has(data.ids[index])) return 0;
    if (!range) return bytes;
    const curve = data.curves[index] || [];
    return curve.length ? Math.max(0, curve[range[1]] - curve[range[0]]) : 0;
  } }));
}
if (time && last > 0) {
  const at = (event) => { const box = time.getBoundingClientRect(); return clamp(((event.clientX - box.left) / box.width) * last); };
  time.addEventListener('pointerdown', (event) => { anchor = at(event); time.setPointerCapture(event.pointerId); });
  time.addEventListener('pointermove', (event) => { if (event.buttons & 1) { const to = at(event); range = to === anchor ? null : [Math.min(anchor, to), Math.max(anchor, to)]; show(); } });
  time.addEventListener('keydown', (event) => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (!event.shiftKey || by === 0) return;
    range = range ? [range[0], Math.max(range[0] + 1, clamp(range[1] + by))] : [clamp(last - 1), last];
    show(); event.preventDefault();
  });
}
rows.forEach((row, i) => {
  const choose = () => { chosen = chosen === i ? -1 : i; show(); };
  row.addEventListener('click', (event) => { if (!event.target.closest('details')) choose(); });
  row.addEventListener('keydown', (event) => { if (event.key === 'Enter' && event.target === row) choose(); });
});
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || event.defaultPrevented || (chosen < 0 && !range)) return;
  if (chosen >= 0) chosen = -1; else range = null;
  show();
});
byId('scheme').addEventListener('click', () => {
  const root = document.documentElement, dark = matchMedia('(prefers-color-scheme:dark)').matches;
  root.dataset.scheme = (root.dataset.scheme || (dark ? 'dark' : 'light')) === 'dark' ? 'light' : 'dark';
});
byId('copy').addEventListener('click', () => {
  const selection = getSelection(); selection.selectAllChildren(byId('text')); document.execCommand('copy'); selection.removeAllRanges();
  byId('copy').textContent = 'Copied';
});
const asked = new URLSearchParams(location.hash.slice(1)), t = (asked.get('t') || '').split(',').map(Number), f = Number(asked.get('f'));
if (t.length === 2 && t.every(Number.isFinite) && last > 0) { const two = t.map((s) => clamp((s - first) / step)); if (two[0] < two[1]) range = two; }
if (Number.isInteger(f) && f > 0 && f <= rows.length) chosen = f - 1;
if (range || chosen >= 0) show();
})();`;
