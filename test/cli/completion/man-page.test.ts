import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { commandTree } from '../../../src/cli/completion/command-tree.js';
import { manPage } from '../../../src/cli/completion/man-page.js';
import { buildProgram } from '../../../src/cli/program.js';
import { manualKeys } from '../../../src/view/model/keys.js';

const tree = commandTree(buildProgram('1.2.3'));
const page = manPage(tree, '1.2.3', manualKeys());

test('the manual page has every command and option, and what --help adds', () => {
  for (const command of tree.commands) {
    expect(page).toContain(`.SS ${command.usage.replaceAll('-', String.raw`\-`)}\n`);
    for (const { long } of command.options) expect(page).toContain(`\\fB${long.replaceAll('-', String.raw`\-`)}\\fR`);
  }
  for (const part of [
    '.TH UNFREED 1 "" "unfreed 1.2.3"',
    '.SH EXAMPLES',
    '.SH EXIT STATUS',
    'NO_COLOR',
    String.raw`\fB\-\-sample\fR \fI1/N\fR`,
  ]) {
    expect(page).toContain(part);
  }
});

test('no text is taken for a request, and no line has a bare backslash', () => {
  const requests = new Set(page.match(/^[.'].*?(?= |$)/gm));
  expect([...requests].filter((request) => !/^\.(?:TH|SH|SS|TP|PP|B|I|BR|br|nf|fi)$/.test(request))).toEqual([]);
  expect(page.replaceAll(/\\(?:fB|fI|fR|e|-|&)/g, '')).not.toContain('\\');
});

test('groff formats it without a warning, 80 columns wide', () => {
  const run = spawnSync('groff', ['-ww', '-man', '-Tutf8', '-rLL=80n'], { input: page, encoding: 'utf8' });
  // A missing program is no failure.
  if (run.error !== undefined) return;
  expect(run.stderr).toBe('');
  expect(run.stdout).toContain('find the Linux kernel call paths that hold memory');
});

test('lists every key of the screen', () => {
  expect(page).toContain('.SH KEYS');
  for (const { help } of manualKeys()) expect(page.replaceAll('\\', '')).toContain(help);
});
