/** The HTML flame graph in a real browser, driven by its keys; hostile names must stay text. */
import { writeFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { encodeHtml } from '../../src/export/html.js';
import { encodeSvg } from '../../src/export/svg.js';
import { Chromium } from '../helpers/chromium.js';
import { exportOrigins } from '../helpers/export-origins.js';
import { exportReport } from '../helpers/export-report.js';
import { realReport } from '../helpers/real-report.js';
import { scratch } from '../helpers/scratch.js';
import { toolOrSay } from '../helpers/tools.js';

const program = toolOrSay('chromium', 'chromium');

interface Box {
  name: string;
  left: number;
  top: number;
  width: number;
  hit: boolean;
}

const BOXES = `[...document.querySelectorAll('.box')].map((box) => ({
  name: box.getAttribute('aria-label').split(',')[0], left: box.offsetLeft, top: box.offsetTop,
  width: box.getBoundingClientRect().width, hit: box.classList.contains('hit') }))`;

const boxes = (page: Chromium): Promise<Box[]> => page.evaluate<Box[]>(BOXES);
const text = (page: Chromium, id: string): Promise<string> =>
  page.evaluate<string>(`document.getElementById('${id}').textContent`);

describe.skipIf(program === null)('Chromium', () => {
  const browser = program === null ? null : new Chromium(program);
  const file = scratch();
  afterAll(() => browser?.close());

  async function open(report = exportReport(), scheme: 'light' | 'dark' = 'light'): Promise<Chromium> {
    if (browser === null) throw new Error('no browser');
    writeFileSync(file('x.html'), encodeHtml(report, exportOrigins(report)));
    await browser.open(file('x.html'), 1280, 800, scheme);
    return browser;
  }

  test('draws every call path in bounds, children within their caller, none under half a pixel', async () => {
    const page = await open(await realReport(100_000));
    const drawn = await boxes(page);
    expect(drawn.length).toBeGreaterThan(100);
    expect(drawn[0]).toMatchObject({ name: 'all', left: 0, top: 0 });
    for (const { left, width } of drawn) {
      expect(width).toBeGreaterThanOrEqual(0.5);
      expect(left + width).toBeLessThanOrEqual(1241);
    }
    expect(drawn.some(({ name }) => name === 'anon_pipe_write')).toBe(true);
    expect(await text(page, 'pruned')).toMatch(/^\d+ boxes narrower than half a pixel not drawn/);
  });

  test('is used by keys alone: walk, zoom, search, reset', async () => {
    const page = await open();
    await page.evaluate(`document.querySelector('.box').focus()`);
    await page.press('ArrowDown', 'ArrowDown');
    expect(await text(page, 'detail')).toMatch(/^do_syscall_64 6\.07 MiB \(85\.\d%\)/);
    await page.press('ArrowUp', 'ArrowRight');
    expect(await text(page, 'detail')).toMatch(/^\[interrupt\] 1\.00 MiB/);
    await page.press('Enter');
    expect((await boxes(page)).filter(({ width }) => width > 1200).map(({ name }) => name)).toEqual([
      'all',
      '[interrupt]',
      'net_rx_action',
      'nvme_tcp_alloc_request [nvme_tcp]',
      '__kmalloc_noprof',
    ]);
    await page.press('/', 'p', 'i', 'p', 'e', '_');
    expect(await text(page, 'found')).toBe('6.00 MiB (84.8%) in matching call paths');
    await page.press('Escape');
    expect(await text(page, 'found')).toBe('');
    await page.press('Escape');
    expect((await boxes(page)).some(({ name }) => name === 'anon_pipe_write')).toBe(true);
    expect(await page.evaluate<string>('document.activeElement.className')).toContain('box');
  });

  test('turns around at the allocation, without plumbing, and hides a category', async () => {
    const page = await open();
    await page.evaluate(`document.getElementById('flip').click()`);
    const second = (await boxes(page)).filter(({ top }) => top === 18).map(({ name }) => name);
    expect(second.slice(0, 2)).toEqual(['anon_pipe_write', 'nvme_tcp_alloc_request [nvme_tcp]']);
    await page.evaluate(`document.getElementById('kind0').click()`);
    expect((await boxes(page)).filter(({ top }) => top === 18)[0].name).toBe('nvme_tcp_alloc_request [nvme_tcp]');
  });

  test('a hostile name stays text; no script fails; nothing is asked of any network', async () => {
    const page = await open();
    expect((await boxes(page)).some(({ name }) => name.startsWith('</script><img src=x onerror'))).toBe(true);
    expect(await page.evaluate<number>('document.images.length')).toBe(0);
    expect(page.errors).toEqual([]);
    expect(page.requests).toEqual([]);
  });

  test('is dark on a dark desktop, and SVG shows too', async () => {
    const page = await open(exportReport(), 'dark');
    const background = `getComputedStyle(document.body).backgroundColor`;
    expect(await page.evaluate<string>(background)).toBe('rgb(22, 24, 27)');
    writeFileSync(file('x.svg'), encodeSvg(exportReport()));
    await page.open(file('x.svg'), 1280, 800);
    expect(await page.evaluate<string>('document.documentElement.tagName')).toBe('svg');
    expect(await page.evaluate<number>(`document.querySelectorAll('g').length`)).toBeGreaterThan(10);
  });
});
