/** The buttons of the report: light or dark, print, text, copy, and which chart over time is shown. */
export const PAGE_TOOLS = String.raw`
(() => {
const byId = (id) => document.getElementById(id), { body, documentElement: root } = document;
byId('scheme').addEventListener('click', () => {
  const dark = matchMedia('(prefers-color-scheme:dark)').matches;
  root.dataset.scheme = (root.dataset.scheme || (dark ? 'dark' : 'light')) === 'dark' ? 'light' : 'dark';
});
byId('print').addEventListener('click', () => print());
byId('to-text').addEventListener('click', () => { byId('as-text').scrollIntoView(); byId('copy').focus({ preventScroll: true }); });
byId('copy').addEventListener('click', () => {
  const selection = getSelection();
  selection.selectAllChildren(byId('text'));
  const done = document.execCommand('copy');
  if (done) selection.removeAllRanges();
  byId('copied').textContent = done ? 'Copied.' : 'It is selected: copy it with Ctrl-C.';
});
body.classList.add('by-held');
const toggle = byId('by-change');
if (toggle) toggle.addEventListener('click', () => {
  const change = body.classList.toggle('by-change');
  body.classList.toggle('by-held', !change);
  toggle.setAttribute('aria-pressed', change);
});
const more = byId('more');
if (more) more.addEventListener('click', () => { document.querySelector('.few').classList.remove('few'); more.hidden = true; });
// Browsers without ::details-content print closed details closed.
let opened = [];
addEventListener('beforeprint', () => {
  opened = [...document.querySelectorAll('.printed details:not([open])')];
  for (const each of opened) each.open = true;
});
addEventListener('afterprint', () => { for (const each of opened) each.open = false; });
})();`;
