/**
 * No format carries a character that is not drawn but acts, wherever a name can be: a terminal, an
 * editor, a browser or a viewer of profiles would obey it, or show one name as another. The names
 * are made.
 */
import { describe, expect, it } from 'vitest';
import { joined } from '../../src/base/pieces.js';
import { encodeCsv } from '../../src/export/csv.js';
import { encodeDiffCsv } from '../../src/export/diff/diff-csv.js';
import { encodeDiffFolded } from '../../src/export/diff/diff-folded.js';
import { encodeDiffHtml } from '../../src/export/diff/diff-html.js';
import { encodeDiffJson } from '../../src/export/diff/diff-json.js';
import { encodeDiffMarkdown } from '../../src/export/diff/diff-markdown.js';
import { encodeDiffSvg } from '../../src/export/diff/diff-svg.js';
import { encodeDiffText } from '../../src/export/diff/diff-text.js';
import { encodeFirefox } from '../../src/export/firefox/firefox.js';
import { encodeFolded } from '../../src/export/folded.js';
import { encodeHtml } from '../../src/export/html.js';
import { encodeJson } from '../../src/export/json.js';
import { encodeMarkdown } from '../../src/export/markdown.js';
import { encodePprof } from '../../src/export/pprof.js';
import { encodeSpeedscope } from '../../src/export/speedscope.js';
import { encodeSvg } from '../../src/export/svg.js';
import { encodeText } from '../../src/export/text.js';
import type { DiffReport } from '../../src/rank/report/diff-report.js';
import type { Report } from '../../src/rank/report/report.js';
import { exportDiff } from '../helpers/export-diff.js';
import { exportOrigins } from '../helpers/export-origins.js';
import { exportReport } from '../helpers/export-report.js';

/** One of each kind, by code point: the names of these characters are in Unicode's list. */
const HIDDEN: readonly number[] = [
  // C0 and C1 controls, escape, delete
  0x00, 0x07, 0x08, 0x1b, 0x7f, 0x84, 0x9b,
  // soft hyphen, joiner, Arabic letter mark, Hangul fillers, Khmer vowels, Mongolian selectors
  0xad, 0x34f, 0x61c, 0x115f, 0x1160, 0x17b4, 0x180b, 0x180e, 0x3164, 0xffa0,
  // zero width and marks of direction, separators, overrides, operators, isolates
  0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2060, 0x2061,
  0x2064, 0x2066, 0x2067, 0x2068, 0x2069, 0x206a, 0x206f,
  // selectors, byte order mark, interlinear annotation, private use
  0xfe00, 0xfe0e, 0xfe0f, 0xfeff, 0xfff9, 0xfffb, 0xe000,
  // lone surrogates
  0xd800, 0xdbff, 0xdc00, 0xdfff,
  // beyond the basic plane: musical controls, shorthand, tags, selectors, private use
  0x1d173, 0x1bca0, 0xe0001, 0xe0041, 0xe007f, 0xe0100, 0xe01ef, 0xf0000,
];

/** Words of our own, by which code branches; every other string is a name or made of names. */
const OURS = new Set([
  'format',
  'allocator',
  'allocators',
  'kind',
  'reliability',
  'group',
  'sort',
  'self',
  'address',
  'change',
]);

function named<Value>(value: Value, name: string, key = ''): Value {
  if (typeof value === 'string') return (OURS.has(key) ? value : name) as Value;
  if (Array.isArray(value)) return value.map((inner: unknown) => named(inner, name, key)) as Value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([each, inner]) => [each, named(inner as unknown, name, each)]),
  ) as Value;
}

const OPTIONS = { columns: 200, frames: true, quiet: false, processes: 10 };
const utf8 = new TextDecoder();

const REPORTS: readonly (readonly [string, (report: Report) => string])[] = [
  ['json', encodeJson],
  ['csv', encodeCsv],
  ['folded', encodeFolded],
  ['speedscope', encodeSpeedscope],
  ['firefox', encodeFirefox],
  ['html', (report) => encodeHtml(report)],
  ['html with origins', (report) => encodeHtml(report, exportOrigins(report))],
  ['svg', encodeSvg],
  ['markdown', encodeMarkdown],
  ['text', (report) => encodeText(report, OPTIONS)],
];
const DIFFS: readonly (readonly [string, (diff: DiffReport) => string])[] = [
  ['diff json', encodeDiffJson],
  ['diff csv', encodeDiffCsv],
  ['diff folded', encodeDiffFolded],
  ['diff html', encodeDiffHtml],
  ['diff svg', encodeDiffSvg],
  ['diff markdown', encodeDiffMarkdown],
  ['diff text', (diff) => encodeDiffText(diff, OPTIONS)],
];

/** Returns the hidden characters in a text as hex; those of the format itself (line ends) aside. */
function hiddenIn(text: string): string[] {
  const found = Array.from(text, (character) => character.codePointAt(0) ?? 0).filter((code) => HIDDEN.includes(code));
  return [...new Set(found)].map((code) => code.toString(16));
}

const name = HIDDEN.map((code) => `a${String.fromCodePoint(code)}`).join('');

describe('no hidden character gets into', () => {
  it.each(REPORTS)('%s', (_, encode) => {
    expect(hiddenIn(encode(named(exportReport(), name)))).toEqual([]);
    expect(encode(named(exportReport(), 'seen-name'))).toContain('seen-name');
  });

  it.each(DIFFS)('%s', (_, encode) => {
    expect(hiddenIn(encode(named(exportDiff(), name)))).toEqual([]);
    expect(encode(named(exportDiff(), 'seen-name'))).toContain('seen-name');
  });

  it('pprof, whose strings are UTF-8', () => {
    // The decoder would drop a byte order mark at the start alone; every name begins with a letter.
    const controls = new Set([0x00, 0x07, 0x08, 0x1b, 0x7f]);
    const text = utf8.decode(encodePprof(named(exportReport(), name)));
    // Lengths and tags of the format are bytes below 0x20 too.
    expect(hiddenIn(text).filter((hex) => !controls.has(Number.parseInt(hex, 16)))).toEqual([]);
    expect(text).not.toMatch(/a[\0\x07\b\x1b]a/);
  });

  it('a text, in which they are shown', () => {
    expect(hiddenIn(joined(['x', name]))).toHaveLength(HIDDEN.length);
  });
});

it('JSON gives every name back as it was', () => {
  const report = named(exportReport(), name);
  const read = JSON.parse(encodeJson(report)) as Report;
  expect(read.stacks[0].frames[0].symbol).toBe(name);
  expect(read).toEqual(JSON.parse(JSON.stringify(report)));
});
