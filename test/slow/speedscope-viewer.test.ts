/** speedscope's own importer and viewer, in a browser, read our profiles and our folded stacks. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { afterAll, describe, expect, test } from 'vitest';
import { encodeFolded } from '../../src/export/folded.js';
import { encodeSpeedscope } from '../../src/export/speedscope.js';
import type { Report } from '../../src/rank/report/report.js';
import { Chromium } from '../helpers/chromium.js';
import { exportReport } from '../helpers/export-report.js';
import { realReport } from '../helpers/real-report.js';
import { scratch } from '../helpers/scratch.js';
import { toolOrSay } from '../helpers/tools.js';

const program = toolOrSay('chromium', 'chromium');
const VIEWER = fileURLToPath(new URL('../../node_modules/speedscope/dist/release/', import.meta.url));

/** Opens the view with a table, ordered by total; returns the page's title and the rows. */
const FUNCTIONS = `(() => {
  const named = (text) => [...document.querySelectorAll('div, th')].filter((each) => each.textContent.trim() === text).pop();
  if (named('Total') === undefined) [...document.querySelectorAll('div')].filter((each) => each.textContent.endsWith('Sandwich')).pop()?.click();
  else named('Total').click();
  return document.title + '\\n' + document.body.innerText;
})()`;

describe.skipIf(program === null)('speedscope', () => {
  const browser = program === null ? null : new Chromium(program);
  const file = scratch();
  afterAll(() => browser?.close());

  /**
   * Returns the table of functions once it shows `expected`. The file is opened as by speedscope's
   * command line: by a script that passes it in.
   */
  async function shown(name: string, content: string, expected: string): Promise<string> {
    if (browser === null) throw new Error('no browser');
    const base64 = Buffer.from(content).toString('base64');
    const script = file(`${name}.js`, `speedscope.loadFileFromBase64(${JSON.stringify(name)}, '${base64}')`);
    await browser.open('/dev/null', 1280, 800);
    await browser.open(`${VIEWER}index.html`, 1280, 800, 'light', `localProfilePath=${script}`);
    let text = '';
    for (let tries = 0; tries < 100 && !text.includes(expected); tries++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      text = await browser.evaluate<string>(FUNCTIONS);
    }
    return text;
  }

  test('finds our profiles to be as its own schema has them', async () => {
    const validate = new Ajv({ allErrors: true }).compile(
      JSON.parse(readFileSync(`${VIEWER}file-format-schema.json`, 'utf8')) as object,
    );
    for (const report of [await realReport(100_000), exportReport()]) {
      expect(validate(JSON.parse(encodeSpeedscope(report))), JSON.stringify(validate.errors)).toBe(true);
    }
  });

  test('shows the call paths of a profile, with their bytes', async () => {
    const report = await realReport(100);
    const text = await shown('x.speedscope.json', encodeSpeedscope(report), 'anon_pipe_write');
    expect(text).toContain('outstanding bytes (1/4)');
    expect(text).toMatch(/\n6\.32 MB \(\d+%\)\s+0 B \(<0\.01%\)\s+anon_pipe_write\n/);
    expect(browser?.errors).toEqual([]);
  });

  test('shows that events were lost', async () => {
    const report: Report = exportReport();
    const text = await shown('lost.speedscope.json', encodeSpeedscope(report), 'LOST');
    expect(text).toContain('LOST 1,234 events');
    expect(browser?.errors).toEqual([]);
  });

  test('reads folded stacks, verdicts and losses in them', async () => {
    const text = await shown('x.folded', encodeFolded(exportReport()), 'anon_pipe_write');
    expect(text).toContain('anon_pipe_write');
    expect(text).toContain('[growing]');
    expect(browser?.errors).toEqual([]);
  });
});
