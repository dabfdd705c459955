/**
 * The HTML report of real recordings in a real browser: range and finding by pointer, keys and address, both
 * schemes, narrow screens, paper, and no scripts.
 */
import { afterAll, describe, expect, test } from 'vitest';
import { encodeHtml } from '../../src/export/html.js';
import { originsOf } from '../../src/rank/breakdown/origins.js';
import { reportMarks } from '../../src/rank/report/report-marks.js';
import { defaultSelection } from '../../src/rank/report/selection.js';
import { Chromium } from '../helpers/chromium.js';
import { fullMark } from '../helpers/marks.js';
import { importedText, replayed } from '../helpers/replayed.js';
import { scratch } from '../helpers/scratch.js';
import { toolOrSay } from '../helpers/tools.js';

const program = toolOrSay('chromium', 'chromium');
const RECORDINGS = ['pipes', 'tmpfs', 'anon', 'demo', 'quiet', 'before'] as const;
type Recording = (typeof RECORDINGS)[number];

/** Bytes of the flame graph. */
const FLAME = `(document.querySelector('.box')?.node.b ?? 0)`;
const HASH = 'location.hash';
/** Texts of the elements that are seen. */
const seen = (selector: string): string =>
  `[...document.querySelectorAll('${selector}')].filter((each) => each.getClientRects().length > 0).map((each) => each.textContent.trim())`;
const HELD = seen('[data-finding] .c1 span');
const PROCESSES = seen('[data-process] td:first-child');

/**
 * Texts whose contrast with the background below them is under 4.5. Controls that are disabled are exempt, as in
 * https://www.w3.org/TR/WCAG21/#contrast-minimum.
 */
const FAINT = `(() => {
  const channels = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
  const luminance = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const backgroundOf = (element) => {
    for (let each = element; each !== null; each = each.parentElement) {
      const colour = channels(getComputedStyle(each).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll('body *')].flatMap((element) => {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== '');
    if (!own || element.getClientRects().length === 0 || element.disabled || element.closest('.unseen,script,option')) return [];
    const [a, b] = [luminance(channels(getComputedStyle(element).color)), luminance(backgroundOf(element))].sort((x, y) => x - y);
    const contrast = (b + 0.05) / (a + 0.05);
    return contrast < 4.5 ? [element.className + ' ' + element.textContent.slice(0, 30) + ' ' + contrast.toFixed(2)] : [];
  });
})()`;

const pages = new Map<Recording, string>();

async function pageOf(name: Recording): Promise<string> {
  const known = pages.get(name);
  if (known !== undefined) return known;
  const pipeline = await replayed(`bpf/6.12-${name}/${name}.unfreed`);
  const report = pipeline.report(defaultSelection(2 ** 31 - 1));
  const page = encodeHtml(report, originsOf(pipeline, report.selection));
  pages.set(name, page);
  return page;
}

describe.skipIf(program === null)('the report in Chromium', () => {
  const browser = program === null ? null : new Chromium(program);
  const file = scratch();
  afterAll(() => browser?.close());

  async function open(
    name: Recording,
    {
      width = 1280,
      scheme = 'light',
      fragment = '',
    }: { width?: number; scheme?: 'light' | 'dark'; fragment?: string } = {},
  ): Promise<Chromium> {
    if (browser === null) throw new Error('no browser');
    // A page that differs in its fragment alone would not be loaded again.
    await browser.open(file('empty.html', ''), width, 800, scheme);
    await browser.open(file(`${name}.html`, await pageOf(name)), width, 800, scheme, fragment);
    return browser;
  }

  test.each(RECORDINGS)('%s opens without an error or a request, and is no wider than any screen', async (name) => {
    for (const width of [360, 760, 1280, 1900]) {
      const page = await open(name, { width });
      expect(await page.evaluate<number>('document.documentElement.scrollWidth'), `${width}`).toBeLessThanOrEqual(
        width,
      );
      // What, who and how fast stand on the first screen.
      const answer = await page.evaluate<number>(`document.querySelector('.answer p').getBoundingClientRect().bottom`);
      expect(answer).toBeLessThan(width < 400 ? 400 : 200);
    }
    expect(browser?.errors).toEqual([]);
    expect(browser?.requests).toEqual([]);
  });

  test('long names do not widen a small screen, and a page without findings is one too', async () => {
    const page = await open('demo');
    const pipeline = importedText('perf-script/6.12-leak_pages/perf-script.txt.gz');
    for (const selection of [defaultSelection(1000), { ...defaultSelection(1000), comm: 'nobody' }]) {
      const html = encodeHtml(pipeline.report(selection), originsOf(pipeline, selection));
      await page.open(file('other.html', html), 360, 800, 'light', `t=0,2&f=1`);
      await page.evaluate(`for (const each of document.querySelectorAll('details')) each.open = true`);
      expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(360);
      expect(await page.evaluate<string>(`document.getElementById('chip').textContent`)).toMatch(
        /^only: 0\.00s to 2\.00s/,
      );
      await page.open(file('empty.html', ''), 360, 800);
    }
    expect(page.errors).toEqual([]);
  });

  test('a sign in the lane of events names them, and takes the 30 s before it', async () => {
    const page = await open('demo');
    const pipeline = await replayed('bpf/6.12-demo/demo.unfreed');
    const selection = defaultSelection(1000);
    const report = pipeline.report(selection);
    const at = (share: number): number => Math.round(report.durationNs * share);
    const long = { ...fullMark('exec'), texts: ['/very/long/'.repeat(30)] };
    const logged = [
      { timeNs: at(0.001), mark: fullMark('user', { texts: ['<b>deploy</b>'], pid: 0, comm: '' }) },
      { timeNs: at(0.5), mark: long },
      { timeNs: at(0.5) + 1, mark: fullMark('oom-kill') },
      { timeNs: at(1), mark: fullMark('reclaim') },
    ];
    const html = encodeHtml({ ...report, ...reportMarks(logged, []) }, originsOf(pipeline, selection));
    for (const width of [360, 1280]) {
      await page.open(file('events.html', html), width, 800);
      expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(width);
      expect(await page.evaluate<string[]>(seen('.lane button'))).toEqual(['u', 'K', 's']);
      const lefts = `[...document.querySelectorAll('.lane button')].map((each) => each.getBoundingClientRect())`;
      const plot = `document.querySelector('#brush').getBoundingClientRect()`;
      expect(
        await page.evaluate<boolean>(
          `${lefts}.every(({ left, right }) => left >= ${plot}.left - 6 && right <= ${plot}.right + 6)`,
        ),
      ).toBe(true);
      expect(await page.evaluate<string[]>(FAINT)).toEqual([]);
      expect(await page.evaluate<string[]>(seen('.events tbody td:nth-child(2)'))).toEqual(['u', 'e', 'K', 's']);
    }
    const title = await page.evaluate<string>(`document.querySelector('.lane .loud').title`);
    expect(title.split('\n').map((line) => line.slice(0, 30))).toEqual([
      expect.stringContaining('OOM kill of victimComm'),
      expect.stringContaining('exec: /very/long/'),
    ]);
    await page.evaluate(`document.querySelectorAll('.lane button')[1].click()`);
    expect(await page.evaluate<string>(HASH)).toBe('#t=1,31');
    await page.evaluate(`document.querySelectorAll('.lane button')[0].click()`);
    expect(await page.evaluate<string>(HASH)).toMatch(/^#t=0,\d/);
    expect(page.errors).toEqual([]);
    await page.open(file('empty.html', ''), 360, 800);
  });

  test('a range is dragged: findings, flame graph and processes show what was taken in it', async () => {
    const page = await open('demo');
    const [whole, held, processes] = [
      await page.evaluate<number>(FLAME),
      await page.evaluate<string[]>(HELD),
      await page.evaluate<string[]>(PROCESSES),
    ];
    await page.drag('#held .plot', 0.5, 0.9);
    expect(await page.evaluate<string>(HASH)).toMatch(/^#t=3[01],5[45]$/);
    expect(await page.evaluate<string>(`document.getElementById('chip').textContent`)).toMatch(
      /^only: 3[01]\.0s to 5[45]\.0s ×Esc drops the last$/,
    );
    const narrow = await page.evaluate<number>(FLAME);
    expect(narrow).toBeGreaterThan(15e6);
    expect(narrow).toBeLessThan(whole / 2);
    const taken = await page.evaluate<string[]>(HELD);
    expect(taken[0]).toMatch(/^15\.\d MiB$/);
    // The tmpfs file grew until 36 s.
    expect(taken[1]).toMatch(/^3\.\d+ MiB$/);
    expect(await page.evaluate<string>(`document.getElementById('held-head').textContent`)).toBe('TAKEN');
    expect(await page.evaluate<string[]>(PROCESSES)).not.toContain('find');
    expect(processes).toContain('find');
    await page.press('Escape');
    expect(await page.evaluate<string>(HASH)).toBe('');
    expect(await page.evaluate<number>(FLAME)).toBe(whole);
    expect(await page.evaluate<string[]>(HELD)).toEqual(held);
    expect(await page.evaluate<string[]>(PROCESSES)).toEqual(processes);
  });

  test('the bar below the charts is dragged too, and the flame graph may show all in spite of a range', async () => {
    const page = await open('pipes');
    const whole = await page.evaluate<number>(FLAME);
    await page.drag('#brush', 0.2, 0.6);
    expect(await page.evaluate<number>(FLAME)).toBeLessThan(whole);
    await page.evaluate(
      `(() => { const when = document.getElementById('when'); when.value = 'held'; when.dispatchEvent(new Event('change')); })()`,
    );
    expect(await page.evaluate<number>(FLAME)).toBe(whole);
    expect(await page.evaluate<string>(HASH)).toMatch(/^#t=/);
  });

  test('keys select a range: arrows move, with Shift they select', async () => {
    const page = await open('pipes');
    await page.evaluate(`document.getElementById('brush').focus()`);
    await page.press('ArrowRight', 'ArrowRight');
    expect(await page.evaluate<string>(HASH)).toBe('');
    await page.press('Shift+ArrowRight', 'Shift+ArrowRight', 'Shift+ArrowRight');
    const hash = await page.evaluate<string>(HASH);
    expect(hash).toMatch(/^#t=[\d.]+,[\d.]+$/);
    await page.press('Shift+ArrowLeft');
    expect(await page.evaluate<string>(HASH)).not.toBe(hash);
    const brush = (name: string): Promise<string> =>
      page.evaluate<string>(`document.getElementById('brush').getAttribute('${name}')`);
    expect(await brush('aria-valuetext')).toMatch(/^[\d.]+s to [\d.]+s$/);
    expect(await brush('aria-valuenow')).toBe('4');
    await page.press('Shift+Home');
    expect(await page.evaluate<string>(HASH)).toMatch(/^#t=0,[\d.]+$/);
  });

  test('a finding narrows chart, flame graph and processes; Escape drops what came last', async () => {
    const page = await open('demo');
    const whole = await page.evaluate<number>(FLAME);
    await page.click('[data-finding="1"] .c7');
    expect(await page.evaluate<string>(HASH)).toBe('#f=2');
    const one = await page.evaluate<number>(FLAME);
    expect(one).toBeGreaterThan(15e6);
    expect(one).toBeLessThan(17e6);
    expect(await page.evaluate<string[]>(PROCESSES)).toEqual(['grow-tmpfs']);
    expect(await page.evaluate<string>(`document.querySelector('#held .most').textContent`)).toBe(
      'finding 2: most 15.0 MiB',
    );
    expect(await page.evaluate<string>(`document.getElementById('only').value`)).toBe('1');
    await page.drag('#brush', 0.1, 0.4);
    expect(await page.evaluate<string>(HASH)).toMatch(/^#f=2&t=/);
    expect(await page.evaluate<number>(FLAME)).toBeLessThan(one);
    await page.press('Escape');
    expect(await page.evaluate<string>(HASH)).toBe('#f=2');
    await page.press('Escape');
    expect(await page.evaluate<number>(FLAME)).toBe(whole);
    expect(await page.evaluate<string>(HASH)).toBe('');
  });

  test('a zoomed flame graph takes Escape first', async () => {
    const page = await open('demo', { fragment: 'f=1' });
    await page.click('.box[aria-label^=vfs_write]');
    expect(await page.evaluate<boolean>(`document.getElementById('reset').disabled`)).toBe(false);
    await page.press('Escape');
    expect(await page.evaluate<string>(HASH)).toBe('#f=1');
    await page.press('Escape');
    expect(await page.evaluate<string>(HASH)).toBe('');
  });

  test('keys choose a finding, and an address that is typed is obeyed', async () => {
    const page = await open('demo', { fragment: 't=10,20&f=2' });
    expect(await page.evaluate<string>(`document.getElementById('chip').textContent`)).toMatch(
      /^only: 10\.0s to 20\.0s ×finding 2 tmpfs files ×/,
    );
    await page.evaluate(`document.querySelector('[data-finding="0"] button').focus()`);
    await page.press('Enter');
    expect(await page.evaluate<string>(HASH)).toBe('#t=10,20&f=1');
    await page.press('ArrowDown', 'Enter');
    expect(await page.evaluate<string>(HASH)).toBe('#t=10,20&f=2');
    for (const bad of ['t=20,10', 't=x,y', 'f=0', 'f=9999', 't=1', 'f=1.5', '%']) {
      await page.evaluate(`location.hash = ${JSON.stringify(bad)}`);
      await page.evaluate('new Promise((resolve) => setTimeout(resolve, 50))');
      expect(await page.evaluate<string>(`document.getElementById('chip').textContent`), bad).toBe('');
    }
    expect(page.errors).toEqual([]);
  });

  test('the charts change, more findings come, and colours follow findings and holders', async () => {
    const page = await open('demo');
    const shown = (id: string): Promise<boolean> =>
      page.evaluate<boolean>(`document.getElementById('${id}').getClientRects().length > 0`);
    expect([await shown('held'), await shown('change')]).toEqual([true, false]);
    await page.click('#by-change');
    expect([await shown('held'), await shown('change')]).toEqual([false, true]);
    const before = (await page.evaluate<string[]>(HELD)).length;
    await page.click('#more');
    expect((await page.evaluate<string[]>(HELD)).length).toBeGreaterThan(before);
    for (const [by, name] of [
      ['finding', '1 pipe buffers'],
      ['holder', 'grow-pipes 140'],
    ]) {
      await page.evaluate(
        `(() => { const by = document.getElementById('colour'); by.value = '${by}'; by.dispatchEvent(new Event('change')); })()`,
      );
      expect(await page.evaluate<string>(`document.querySelector('#colours span').textContent`)).toBe(name);
      expect(await page.evaluate<boolean>(`document.querySelector('.box').classList.contains('f0')`)).toBe(true);
    }
  });

  test.each(['light', 'dark'] as const)(
    'every text is legible on a %s desktop, and after its button',
    async (scheme) => {
      const page = await open('demo', { scheme, fragment: 't=10,40&f=1' });
      await page.evaluate(`for (const each of document.querySelectorAll('details')) each.open = true`);
      expect(await page.evaluate<string[]>(FAINT)).toEqual([]);
      const background = (): Promise<string> =>
        page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
      const [white, black] = ['rgb(255, 255, 255)', 'rgb(22, 24, 27)'];
      expect(await background()).toBe(scheme === 'light' ? white : black);
      await page.click('#scheme');
      expect(await background()).toBe(scheme === 'light' ? black : white);
      expect(await page.evaluate<string[]>(FAINT)).toEqual([]);
    },
  );

  test('the head stays, and its text button leads to the text, which is copied', async () => {
    const page = await open('demo');
    await page.click('#to-text');
    expect(await page.evaluate<string>('document.activeElement.id')).toBe('copy');
    const head = await page.evaluate<{ top: number; height: number }>(
      `document.querySelector('header').getBoundingClientRect().toJSON()`,
    );
    expect(head).toMatchObject({ top: 0, height: 40 });
    await page.press('Enter');
    expect(await page.evaluate<string>(`document.getElementById('copied').textContent`)).toBe('Copied.');
  });

  test('paper is white A4 without controls, with the first findings opened', async () => {
    const page = await open('demo', { scheme: 'dark' });
    const pdf = (await page.pdf()).toString('latin1');
    expect(pdf).toMatch(/\/MediaBox ?\[0 0 59[45](?:\.\d+)? 84[12](?:\.\d+)?\]/);
    await page.setPrinted(true);
    expect(await page.evaluate<string>('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)');
    const gone = ['button:not(.c0 button)', 'select', 'input', '#brush', '.flame', '#who', '#as-text'];
    for (const selector of gone) expect(await page.evaluate<string[]>(seen(selector)), selector).toEqual([]);
    for (const part of ['.answer', '#memory', '#time', '#findings', '.still', '#sure'])
      expect(await page.evaluate<string[]>(seen(part)), part).toHaveLength(1);
    expect(await page.evaluate<string[]>(seen('.parts-of h3'))).toHaveLength(3 * 5);
    expect(await page.evaluate<string[]>(FAINT)).toEqual([]);
    await page.setPrinted(false);
  });

  test('without scripts the sentences, tables and still charts remain, and no control', async () => {
    const page = await open('demo');
    await page.setScripts(false);
    try {
      await open('demo');
      for (const part of ['.answer', '#memory', '#held', '#change', '#findings', '.still', '#who', '#sure', '#text'])
        expect(await page.evaluate<string[]>(seen(part)), part).toHaveLength(1);
      expect(await page.evaluate<string[]>(seen('.bar'))).toEqual([]);
      expect((await page.evaluate<string[]>(HELD)).length).toBeGreaterThan(20);
      await page.click('[data-finding="0"] summary');
      expect((await page.evaluate<string[]>(seen('.parts-of h3'))).slice(0, 5)).toEqual([
        'Call paths',
        'Why',
        'Ages',
        'Sizes',
        'Holders',
      ]);
    } finally {
      await page.setScripts(true);
    }
  });
});
