/**
 * Data flows one way, and the pure middle stays pure: time, randomness and the machine come in as arguments. That is
 * what makes a replay give byte for byte the report of the live run.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const SRC = join(import.meta.dirname, '../src');

/** folder -> what its files may import: other folders, single files, packages, node. */
const MAY_IMPORT: Record<string, string[]> = {
  base: [],
  event: ['base'],
  decode: ['base', 'event'],
  pair: ['base', 'event'],
  symbols: ['base', 'event'],
  rank: ['base', 'event', 'pair', 'symbols'],
  export: ['base', 'event/kinds.ts', 'rank', 'protobufjs'],
  // The stream of the collector and the recording share their texts, and a saved stream is read as a recording.
  recording: ['base', 'event', 'decode', 'protobufjs'],
  collect: ['base', 'event', 'decode', 'symbols', 'execa', 'node'],
  view: ['base', 'event/kinds.ts', 'rank', 'session/trace-session.ts', 'session/view-data.ts', 'ink', 'react'],
  session: ['base', 'event', 'decode', 'pair', 'rank', 'symbols', 'recording', 'collect', 'export', 'execa', 'node'],
  cli: ['base', 'event', 'decode', 'pair', 'rank', 'symbols', 'recording', 'collect', 'export', 'session', 'view', '*'],
  'main.ts': ['base', 'cli', 'node'],
};

/** Files that may do more than their folder: the edges where the machine comes in. */
const EDGES: { file: RegExp; may: string[] }[] = [
  { file: /^recording\/file[\w-]*\.ts$/, may: ['node'] },
  { file: /^view\/terminal[\w-]*\.tsx?$/, may: ['node'] },
];

const PURE = ['base', 'event', 'decode', 'pair', 'rank', 'export', 'symbols'];
// new Date(x) of a time that came in is arithmetic; without an argument it is the clock.
const IMPURE = new RegExp(
  [
    /node:/,
    /\bprocess\b\s*[.[]/,
    /\bconsole\b/,
    /\bDate\s*\.\s*now/,
    /\bnew Date\s*(?:\(\s*\)|;)/,
    /\bDate\(\s*\)/,
    /\bperformance\b\s*[.[]/,
    /\bMath\s*\.\s*random/,
    /\bcrypto\b\s*\./,
    /\bset(?:Timeout|Interval|Immediate)\b/,
    /\bqueueMicrotask\b/,
    /\bglobalThis\b/,
    /\bfetch\(/,
    /\beval\(/,
    /\bnew Function\b/,
    /\brequire\(/,
  ]
    .map(({ source }) => source)
    .join('|'),
);

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.[cm]?[jt]sx?$/.test(file) && !file.endsWith('.d.ts'))
  .toSorted();

/** What each part of a pure file would have to be caught by, so that the expressions themselves are under test. */
const FORBIDDEN: readonly string[] = [
  "import { x } from 'node:fs';",
  'const t = Date.now();',
  'const t = new Date();',
  'const t = new Date;',
  'const t = Date();',
  'const e = process.env;',
  "const e = process['env'];",
  'const r = Math.random();',
  'const r = crypto.getRandomValues(a);',
  'const p = globalThis.process;',
  'setTimeout(f, 1);',
  'const later = setTimeout;',
  "const fs = require('fs');",
];

describe('the import rule', () => {
  it('sees the source', () => {
    expect(files.length).toBeGreaterThan(30);
    expect(importsOf('rank/rank.ts')).toContain('pair/pairing-core.ts');
  });

  it.each(FORBIDDEN)('would not let a pure file say: %s', (line) => {
    expect(IMPURE.test(line)).toBe(true);
  });

  it('lets a pure file work with a time that came in', () => {
    expect(IMPURE.test('new Date(unixMs).toISOString()')).toBe(false);
  });

  it('finds imports in every form', () => {
    const text =
      "import 'a/one.js';\nexport * from \"b/two.js\";\nconst c = await import(`c/three.js`);\nimport x from 'd';";
    expect(importsIn(text, 'rank/x.ts')).toEqual(['a', 'b', 'd', 'c']);
  });

  it.each(files)('%s imports only what it may', (file) => {
    const folder = file.includes('/') ? file.slice(0, file.indexOf('/')) : file;
    const allowed = MAY_IMPORT[folder];
    expect(allowed, `no rule for ${folder}`).toBeDefined();
    const may = [...allowed, folder, ...EDGES.filter((edge) => edge.file.test(file)).flatMap((edge) => edge.may)];
    if (may.includes('*')) return;
    expect(
      importsOf(file).filter((target) => !may.some((each) => target === each || target.startsWith(`${each}/`))),
    ).toEqual([]);
  });

  it.each(files.filter((file) => PURE.includes(file.split('/')[0])))(
    '%s knows neither clock, chance nor machine',
    (file) => {
      expect(IMPURE.exec(withoutComments(read(file)))?.[0]).toBeUndefined();
    },
  );
});

function read(file: string): string {
  return readFileSync(join(SRC, file), 'utf8');
}

/** Strings stay: an import is one. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '');
}

/** Files below src, names of packages, or 'node'. */
function importsOf(file: string): string[] {
  return importsIn(withoutComments(read(file)), file);
}

function importsIn(text: string, file: string): string[] {
  const statements = text.matchAll(/^\s*(?:import\s*|(?:import|export|\}).*\bfrom\s*)(['"])([^'"\n]+)\1/gm);
  const calls = text.matchAll(/\bimport\(\s*(['"`])([^'"`\n]+)\1/g);
  const targets = [...statements, ...calls].map((match) => match[2]);
  return targets.map((target) => {
    if (target.startsWith('node:')) return 'node';
    if (!target.startsWith('.')) return target.split('/')[0];
    const path = relative(SRC, join(SRC, dirname(file), target)).replace(/\.js$/, '.ts');
    return path;
  });
}
