/** The differential flame graph in a real browser: widths, colours, search, and buttons that hide changes. */
import { afterAll, describe, expect, test } from 'vitest';
import { encodeDiffHtml } from '../../src/export/diff/diff-html.js';
import { encodeDiffSvg } from '../../src/export/diff/diff-svg.js';
import { Chromium } from '../helpers/chromium.js';
import { exportDiff } from '../helpers/export-diff.js';
import { scratch } from '../helpers/scratch.js';
import { toolOrSay } from '../helpers/tools.js';

const program = toolOrSay('chromium', 'chromium');

interface Box {
  name: string;
  shade: string;
  width: number;
  colour: string;
}

const BOXES = `[...document.querySelectorAll('.box')].map((box) => ({
  name: box.getAttribute('aria-label').split(', ')[0], shade: /d\\d/.exec(box.className)?.[0],
  width: Math.round(box.getBoundingClientRect().width), colour: getComputedStyle(box).backgroundColor }))`;

const text = (page: Chromium, id: string): Promise<string> =>
  page.evaluate<string>(`document.getElementById('${id}').textContent`);

describe.skipIf(program === null)('Chromium', () => {
  const browser = program === null ? null : new Chromium(program);
  const file = scratch();
  afterAll(() => browser?.close());

  async function open(): Promise<Chromium> {
    if (browser === null) throw new Error('no browser');
    await browser.open(file('diff.html', encodeDiffHtml(exportDiff())), 1280, 800);
    return browser;
  }

  test('draws what has grown in red and what has shrunk in blue, as wide as the greater of both', async () => {
    const page = await open();
    const boxes = await page.evaluate<Box[]>(BOXES);
    const of = (name: string): Box | undefined => boxes.find((box) => box.name === name);
    const grown = of('anon_pipe_write');
    const shrunk = of('nvme_tcp_alloc_request [nvme_tcp]');
    // 3 MiB became 6; 2 MiB became 1; 8 KiB are gone.
    expect(grown).toMatchObject({ shade: 'd6', colour: 'rgb(242, 189, 155)' });
    expect(shrunk).toMatchObject({ shade: 'd2', colour: 'rgb(179, 214, 236)' });
    expect((grown?.width ?? 0) / (shrunk?.width ?? 1)).toBeCloseTo(3, 1);
    expect(of('[no stack percpu]')?.shade).toBe('d0');
    expect(boxes.find((box) => box.name.startsWith('</script>'))?.shade).toBe('d8');
    expect(boxes[0]).toMatchObject({ name: 'all', shade: 'd5' });
  });

  test('says both sides of a box, and how much what is searched for has changed', async () => {
    const page = await open();
    await page.evaluate(`document.querySelector('.box').focus()`);
    await page.press('ArrowDown', 'ArrowDown');
    expect(await text(page, 'detail')).toBe(
      'do_syscall_64 +3.06 MiB, before 3.00 MiB, after 6.06 MiB · grown 6.00 MiB · new 64.0 KiB',
    );
    await page.press('/', 'n', 'v', 'm', 'e');
    expect(await text(page, 'found')).toBe('-1.00 MiB in matching call paths');
  });

  test('leaves out a change on its button, asks no network, and has no script errors', async () => {
    const page = await open();
    await page.evaluate(`document.getElementById('kind2').click()`);
    const names = (await page.evaluate<Box[]>(BOXES)).map((box) => box.name);
    expect(names).toContain('anon_pipe_write');
    expect(names).not.toContain('nvme_tcp_alloc_request [nvme_tcp]');
    expect(await page.evaluate<number>('document.images.length')).toBe(0);
    expect(page.errors).toEqual([]);
    expect(page.requests).toEqual([]);
  });

  test('shows the SVG too, in its colours', async () => {
    const page = await open();
    await page.open(file('diff.svg', encodeDiffSvg(exportDiff())), 1280, 800);
    const fill = `getComputedStyle([...document.querySelectorAll('g')].find((g) => g.textContent.includes('anon_pipe_write')).querySelector('rect')).fill`;
    expect(await page.evaluate<string>(fill)).toBe('rgb(242, 189, 155)');
  });
});
