/** Texts of every tool, damaged: nothing throws, no number breaks the report, and no byte of them reaches a terminal. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { triageJson } from '../../src/export/triage/triage-json.js';
import { triageText } from '../../src/export/triage/triage-text.js';
import { triageOf } from '../../src/session/look/triage-looks.js';
import { looks } from '../helpers/single-text.js';

const FOLDER = join(import.meta.dirname, 'texts');
const SCHEMA = join(import.meta.dirname, '..', '..', 'src/export/triage/triage.schema.json');
const isValid = new Ajv({ allErrors: true }).compile(JSON.parse(readFileSync(SCHEMA, 'utf8')) as object);
const FILES = readdirSync(FOLDER).filter((file) => file.endsWith('.txt'));
const HOSTILE = '\x1b]0;x\x07\u202e\x00</script>';

/** Says what is wrong with the report of a text; '' = nothing. A text that is none of a kind is no look. */
function faultOf(text: string): string {
  const found = looks(text, { timeMs: 1 });
  if (found.length === 0) return '';
  const report = triageOf(found);
  if (!isValid(JSON.parse(triageJson(report)))) return JSON.stringify(isValid.errors);
  const said = triageText(report, { columns: 100, verbose: true });
  const control = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/.exec(said);
  if (control !== null) return `a control character at ${control.index}`;
  return /NaN|Infinity|undefined|-\d[\d.,]* [KMGT]?i?B\b/.exec(said)?.[0] ?? '';
}

describe.each(FILES)('%s', (file) => {
  const text = readFileSync(join(FOLDER, file), 'utf8');

  it('may end anywhere', () => {
    expect([looks(text).length, faultOf(text)]).toEqual([1, '']);
    for (let at = 0; at < text.length; at += Math.max(1, Math.floor(text.length / 97))) {
      expect([at, faultOf(text.slice(0, at)), faultOf(text.slice(at))]).toEqual([at, '', '']);
    }
  });

  it.each([
    '0',
    '9'.repeat(9),
    '9'.repeat(15),
    '9'.repeat(19),
    '9'.repeat(400),
    '-5',
    '1e308',
    '0x10',
    '1.7976931348623157e308',
    '٣',
  ])('may have %s for its numbers', (number) => {
    expect(faultOf(text.replace(/\b\d{2,}\b/g, number))).toBe('');
    expect(faultOf(text.replace(/(?<=\s)\d+(?:\.\d+)?(?=\s|[KMG%])/g, number))).toBe('');
  });

  it('may have control characters in its names, lines, and between them', () => {
    for (const of of [/(?<=[a-z_])(?=[a-z_])/, /(?<=[a-z_])(?=[a-z_])/g, /$/gm, /^/gm, /(?= )/g]) {
      expect(faultOf(text.replace(of, HOSTILE))).toBe('');
    }
  });

  it('may have CRLF, no line end, and itself behind it', () => {
    expect(faultOf(text.replaceAll('\n', '\r\n'))).toBe('');
    expect(faultOf(text.replaceAll('\n', ' '))).toBe('');
    expect(faultOf(`${text}${text}`)).toBe('');
    expect(faultOf(text.split('\n').toReversed().join('\n'))).toBe('');
  });
});

it('a text with much of one character costs no more than it is long', () => {
  const start = performance.now();
  for (const each of [
    ' ',
    '>',
    '0',
    '[',
    '\n',
    ':',
    '/',
    '1 times\n',
    '12:00:00 kb\n',
    '00:00:01 5\n',
    'MemTotal: 1 kB\n',
  ]) {
    expect(faultOf(each.repeat(Math.floor(2e6 / each.length)))).toBe('');
  }
  // Quadratic it would take hours.
  expect(performance.now() - start).toBeLessThan(60_000);
});
