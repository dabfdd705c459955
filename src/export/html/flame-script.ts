/**
 * The script of the HTML flame graph: browser JavaScript as text, run as it stands here (one test
 * compiles it, a slow one drives it in a browser). It reads the JSON that html.ts puts into #data;
 * names only ever become text nodes.
 *
 * A tree node: n index of its name, b bytes, c count, k bytes by kind, s children by bytes, p
 * parent. In a diff b is the greater of both sides, o the bytes before and w those after. The
 * zoomed node, its callees and the nodes above it are drawn as boxes; boxes under half a pixel are
 * counted instead.
 *
 * The page of a report narrows the graph by an event 'flame': weight(index, bytes) is then the size of
 * a call path, and colour = {names, of} the groups that decide the colours f0, f1 ... instead of the kinds.
 * Either may be null.
 */
export const HTML_SCRIPT = String.raw`'use strict';
(() => {
const byId = (id) => document.getElementById(id);
const data = JSON.parse(byId('data').textContent);
const graph = byId('graph'), detail = byId('detail'), search = byId('search'), found = byId('found');
const ROW = 18, NARROWEST = 0.5;
const hidden = new Set();
let leafFirst = false, root, zoomed, focused, rows = [], pattern = null, weight = null, colour = null;

function bytesText(bytes) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let unit = 0;
  while (bytes >= 1023.5 && unit < 5) { bytes /= 1024; unit++; }
  return (unit === 0 ? bytes : bytes < 9.995 ? bytes.toFixed(2) : bytes < 99.95 ? bytes.toFixed(1) : bytes.toFixed(0)) + ' ' + units[unit];
}
function shareText(part, whole) {
  const percent = whole > 0 ? (100 * part) / whole : 0;
  if (percent === 0 || percent === 100) return percent + '%';
  if (percent < 0.01) return '<0.01%';
  return percent >= 99.95 ? '>99.9%' : percent < 9.95 ? percent.toFixed(2) + '%' : percent.toFixed(1) + '%';
}
const countText = (count) => String(count).replace(/\B(?=(\d{3})+(?!\d))/g, ',');

const groups = () => (colour === null ? data.kinds : colour.names);
function newNode(n, p) { return { n, p, b: 0, c: 0, k: groups().map(() => 0), o: 0, w: 0, s: [], m: new Map(), e: null }; }
function build() {
  root = newNode(-1, null);
  for (const [index, [held, count, kind, plumbing, ...names]] of data.stacks.entries()) {
    const bytes = weight === null ? held : weight(index, held);
    if (hidden.has(kind) || (bytes === 0 && held > 0)) continue;
    const group = colour === null ? kind : colour.of[index];
    // From the leaf, allocator plumbing stays out: all paths would begin with the same few names.
    const path = leafFirst ? names.slice(0, names.length - plumbing).reverse() : names;
    let node = root;
    for (let i = -1; i < path.length; i++) {
      if (i >= 0) {
        let child = node.m.get(path[i]);
        if (child === undefined) { child = newNode(path[i], node); node.m.set(path[i], child); node.s.push(child); }
        node = child;
      }
      node.b += bytes; node.c += count; node.k[group] += bytes;
      if (data.diff) { node.o += data.diff[index][0]; node.w += data.diff[index][1]; }
    }
  }
  const sort = (node) => {
    node.s.sort((a, b) => b.b - a.b || (data.names[a.n] < data.names[b.n] ? -1 : 1));
    node.s.forEach(sort);
  };
  sort(root);
  zoomed = focused = root;
}
const nameOf = (node) => (node.n < 0 ? 'all' : data.names[node.n]);
const mainKind = (node) => node.k.reduce((best, bytes, kind) => (bytes > node.k[best] ? kind : best), 0);
// In a diff, by how much of the box has come (d8) or gone (d0).
const colourOf = (node) => (data.diff ? 'd' + (4 + Math.round((4 * (node.w - node.o)) / Math.max(node.w, node.o, 1))) : (colour === null ? 'k' : 'f') + mainKind(node));
const signed = (bytes) => (bytes === 0 ? '±0 B' : (bytes > 0 ? '+' : '-') + bytesText(Math.abs(bytes)));
const sizeText = (node) => (data.diff ? signed(node.w - node.o) + ', before ' + bytesText(node.o) + ', after ' + bytesText(node.w) : bytesText(node.b) + ', ' + shareText(node.b, root.b));
const matches = (node) => pattern !== null && node.n >= 0 && pattern.test(data.names[node.n]);

function draw() {
  const width = graph.clientWidth;
  const fragment = document.createDocumentFragment();
  const above = [];
  for (let node = zoomed.p; node !== null; node = node.p) above.unshift(node);
  rows = [];
  let pruned = 0;
  const box = (node, x, w, level, className) => {
    const element = document.createElement('div');
    const named = w > 24;
    element.className = 'box ' + colourOf(node) + (named ? ' named' : '') + className + (matches(node) ? ' hit' : '');
    element.style.left = x + 'px';
    element.style.top = level * ROW + 'px';
    element.style.width = Math.max(w - 1, 0.5) + 'px';
    if (named) element.textContent = nameOf(node);
    element.tabIndex = -1;
    element.setAttribute('role', 'treeitem');
    element.setAttribute('aria-level', level + 1);
    element.setAttribute('aria-label', nameOf(node) + ', ' + sizeText(node));
    element.node = node;
    node.e = element;
    (rows[level] ??= []).push(node);
    fragment.append(element);
  };
  const walk = (node, x, level, scale) => {
    const w = node.b * scale;
    if (w < NARROWEST) { pruned++; return; }
    box(node, x, w, level, '');
    for (const child of node.s) { walk(child, x, level + 1, scale); x += child.b * scale; }
  };
  above.forEach((node, level) => box(node, 0, width, level, ' above'));
  if (zoomed.b > 0) walk(zoomed, 0, above.length, width / zoomed.b);
  const hadFocus = graph.contains(document.activeElement);
  graph.replaceChildren(fragment);
  graph.style.height = rows.length * ROW + 'px';
  if (rows.every((row) => !row.includes(focused))) focused = zoomed;
  select(focused, hadFocus);
  byId('pruned').textContent = root.b === 0 ? 'Nothing passes.' : pruned === 0 ? '' : countText(pruned) + (pruned === 1 ? ' box' : ' boxes') + ' narrower than half a pixel not drawn: zoom in to see more.';
  byId('reset').disabled = zoomed === root;
}
function select(node, focus) {
  if (focused.e !== null) focused.e.tabIndex = -1;
  focused = node;
  if (node.e === null) return;
  node.e.tabIndex = 0;
  if (focus) node.e.focus({ preventScroll: false });
  describe(node);
}
function describe(node) {
  const kinds = node.k.map((bytes, kind) => [bytes, groups()[kind]]).filter(([bytes]) => bytes > 0).sort((a, b) => b[0] - a[0]);
  const parts = data.diff ? [sizeText(node)] : [bytesText(node.b) + ' (' + shareText(node.b, root.b) + ')', ...(weight === null ? ['count ' + countText(node.c)] : [])];
  if (!data.diff && zoomed !== root) parts[0] += ', ' + shareText(node.b, zoomed.b) + ' of the view';
  for (const [bytes, kind] of kinds.slice(0, 4)) parts.push(kind + ' ' + bytesText(bytes));
  const name = document.createElement('strong');
  name.textContent = nameOf(node);
  detail.replaceChildren(name, ' ' + parts.join(' · '));
}
function zoom(node) { zoomed = focused = node; draw(); }
function find() {
  const text = search.value.trim();
  pattern = null;
  if (text !== '') {
    try { pattern = new RegExp(text, 'i'); } catch { pattern = new RegExp(text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&'), 'i'); }
  }
  // A path that matches twice counts once.
  const size = (node) => (data.diff ? node.w - node.o : node.b);
  const sum = (node) => (matches(node) ? size(node) : node.s.reduce((total, child) => total + sum(child), 0));
  found.textContent = pattern === null ? '' : (data.diff ? signed(sum(root)) : bytesText(sum(root)) + ' (' + shareText(sum(root), root.b) + ')') + ' in matching call paths';
  draw();
}
function step(node, by) {
  const row = rows.find((each) => each.includes(node)) ?? [];
  return row[row.indexOf(node) + by];
}
const drawn = (node) => (node !== undefined && node !== null && node.e !== null && node.e.isConnected ? node : undefined);
const KEYS = {
  ArrowDown: () => drawn(focused.s[0]), ArrowUp: () => drawn(focused.p),
  ArrowLeft: () => step(focused, -1), ArrowRight: () => step(focused, 1), Home: () => root,
};
graph.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key in KEYS) { const next = KEYS[event.key](); if (drawn(next)) select(next, true); }
  else if (event.key === 'Enter' || event.key === ' ') zoom(focused);
  else return;
  event.preventDefault();
});
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === '/' && event.target !== search) { search.focus(); search.select(); event.preventDefault(); }
  else if (event.key === 'Escape') {
    // What Escape ends here, it does not end elsewhere on the page too.
    if (event.target === search && search.value !== '') { search.value = ''; find(); event.preventDefault(); }
    else if (zoomed !== root) { zoom(root); event.preventDefault(); }
    if (event.target === search) select(focused, true);
  } else if (event.key === 'Enter' && event.target === search) select(focused, true);
});
graph.addEventListener('click', (event) => { const { node } = event.target; if (node) { zoom(node); select(focused, true); } });
// Screen readers put the focus anywhere.
graph.addEventListener('focusin', (event) => { const { node } = event.target; if (node && node !== focused) select(node, false); });
graph.addEventListener('mouseover', (event) => { if (event.target.node) describe(event.target.node); });
graph.addEventListener('mouseleave', () => describe(focused));
search.addEventListener('input', find);
byId('reset').addEventListener('click', () => zoom(root));
byId('flip').addEventListener('click', (event) => {
  leafFirst = !leafFirst;
  event.currentTarget.setAttribute('aria-pressed', leafFirst);
  build(); find();
});
data.kinds.forEach((name, kind) => {
  const button = byId('kind' + kind);
  button.addEventListener('click', () => {
    if (!hidden.delete(kind)) hidden.add(kind);
    button.setAttribute('aria-pressed', !hidden.has(kind));
    build(); find();
  });
});
// The page around the graph narrows it, and chooses its colours.
document.addEventListener('flame', (event) => { ({ weight, colour } = event.detail); build(); find(); });
let waiting = 0;
addEventListener('resize', () => { cancelAnimationFrame(waiting); waiting = requestAnimationFrame(draw); });
document.body.classList.add('live');
build(); draw();
})();`;
