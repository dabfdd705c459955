/**
 * Data flows one way, and the pure middle stays pure: time, randomness and the machine come in as
 * arguments. So a replay gives the report of the live run, byte for byte. The table below is the
 * plan of the folders, checked at two levels; a type-only import counts as an import.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const SRC = join(ROOT, 'src');

/**
 * Maps a folder to what its own files may import besides each other: folders (without those below
 * them), single files, packages, node.
 */
const MAY_IMPORT: Record<string, string[]> = {
  '': ['cli'],
  base: [],
  census: ['base'],
  cli: [
    'base',
    'cli/caches',
    'cli/census',
    'cli/commands',
    'cli/marks',
    'cli/options',
    'cli/traces',
    'cli/triage',
    'collect',
    'event/marks',
    'rank/conditions',
    'rank/diff',
    'session',
    'commander',
    'node',
  ],
  'cli/caches': [
    'base',
    'cli/commands',
    'cli/options',
    'cli/traces',
    'export',
    'export/parts',
    'rank/breakdown',
    'rank/report',
    'session/live',
    'session/pipeline',
    'node',
  ],
  'cli/census': [
    'base',
    'census',
    'cli/options',
    'cli/traces',
    'collect/look',
    'export/census',
    'session/census',
    'node',
  ],
  'cli/commands': [
    'base',
    'cli/census/diff-censuses.ts',
    'cli/completion',
    'cli/options',
    'cli/traces',
    'cli/triage',
    'collect',
    'coverage',
    'event',
    'export',
    'export/diff',
    'export/parts',
    'rank/breakdown',
    'rank/diff',
    'rank/report',
    'recording/rewrite',
    'recording/trace',
    'session',
    'session/live',
    'session/pipeline',
    'session/screen',
    'view/model',
    'commander',
    'execa',
    'node',
  ],
  'cli/completion': ['commander'],
  'cli/marks': [
    'base',
    'cli/options',
    'cli/traces',
    'event',
    'event/marks',
    'export/events',
    'recording',
    'session/live',
    'session/pipeline',
  ],
  'cli/options': [
    'base',
    'event',
    'event/marks',
    'rank/conditions',
    'rank/diff',
    'rank/names',
    'rank/report',
    'rank/select',
    'session',
    'commander',
    'node',
  ],
  'cli/traces': [
    'base',
    'census',
    'cli/options',
    'collect',
    'coverage',
    'decode',
    'event',
    'proc',
    'rank/report',
    'recording',
    'recording/files',
    'recording/format',
    'recording/output',
    'recording/trace',
    'session/live',
    'session/look',
    'session/pipeline',
    'session/replay',
    'session/screen',
    'view',
    'node',
    'event/marks',
  ],
  'cli/triage': [
    'base',
    'census',
    'cli/options',
    'cli/traces',
    'collect/bundle',
    'collect/look',
    'event',
    'export/triage',
    'proc',
    'session/census',
    'session/look',
    'triage',
    'node',
  ],
  collect: ['base', 'decode/bpftrace', 'decode/stream', 'event', 'proc', 'symbols', 'execa', 'node'],
  'collect/bundle': ['base', 'decode/look', 'proc', 'execa', 'node'],
  'collect/census': ['base', 'collect'],
  'collect/names': ['base', 'collect', 'things', 'node'],
  'collect/look': ['base/format.ts', 'proc', 'proc/log', 'proc/machine', 'proc/process', 'execa', 'node'],
  'collect/watch': ['collect/look', 'proc', 'proc/process'],
  coverage: ['event'],
  decode: [
    'decode/dump',
    'decode/order',
    'decode/text',
    'decode/text/fields',
    'decode/text/tools',
    'decode/transit',
    'event',
  ],
  'decode/bpftrace': ['decode/stream', 'event'],
  'decode/coverage': ['event'],
  'decode/dump': ['decode/coverage', 'decode/text', 'event', 'proc/machine'],
  'decode/foreign': [],
  'decode/look': ['decode/look/tools', 'proc', 'proc/machine'],
  'decode/look/tools': [],
  'decode/order': ['event'],
  'decode/stream': ['decode', 'event', 'event/tables', 'proc', 'event/marks'],
  'decode/text': ['base', 'decode/order', 'event'],
  'decode/text/fields': ['decode/text', 'event'],
  'decode/text/tools': ['decode/coverage', 'decode/order', 'decode/text', 'decode/text/fields', 'event'],
  'decode/transit': ['decode/text', 'decode/text/fields'],
  event: ['event/tables', 'event/marks', 'things'],
  'event/tables': [],
  'event/marks': ['base'],
  export: [
    'base',
    'census',
    'coverage',
    'event',
    'export/census',
    'export/events',
    'export/html',
    'export/parts',
    'rank/answer',
    'rank/breakdown',
    'rank/report',
    'rank/verdict',
    'protobufjs',
  ],
  'export/census': ['base', 'census', 'export/parts'],
  'export/diff': [
    'base',
    'census',
    'event',
    'export',
    'export/census',
    'export/html',
    'export/parts',
    'rank/answer',
    'rank/report',
  ],
  'export/events': ['base', 'event/marks', 'export/parts', 'rank/report'],
  'export/firefox': ['base', 'export/parts', 'rank/report'],
  'export/html': [
    'base',
    'census',
    'event',
    'export/census',
    'export/events',
    'export/parts',
    'rank/answer',
    'rank/breakdown',
    'rank/report',
    'triage/words.ts',
  ],
  'export/parts': ['base', 'coverage', 'event', 'rank/answer', 'rank/report', 'rank/verdict', 'triage/words.ts'],
  'export/triage': ['base', 'triage'],
  pair: [
    'event',
    'event/marks',
    'event/tables',
    'proc',
    'proc/machine',
    'base',
    'proc/process',
    'pair/losses',
    'pair/processes',
  ],
  'pair/checkpoint': ['base', 'event', 'event/tables', 'pair', 'pair/processes', 'proc', 'proc/machine'],
  'pair/losses': ['event'],
  'pair/processes': ['event', 'proc/process'],
  proc: [],
  'proc/log': [],
  'proc/machine': ['proc'],
  'proc/process': ['proc'],
  rank: [
    'coverage',
    'event',
    'pair',
    'rank/answer',
    'rank/groups',
    'rank/report',
    'rank/rows',
    'rank/select',
    'rank/trust',
  ],
  'rank/answer': ['base', 'event', 'rank/report', 'rank/verdict', 'triage/words.ts'],
  'rank/breakdown': [
    'base',
    'event',
    'event/tables',
    'pair',
    'proc',
    'proc/machine',
    'rank/diff',
    'rank/groups',
    'rank/names',
    'rank/names/user',
    'rank/report',
    'rank/rows',
    'rank/select',
    'rank/trust',
    'symbols',
    'proc/process',
  ],
  'rank/conditions': ['base', 'coverage', 'event', 'rank/report'],
  'rank/diff': ['base', 'census', 'coverage', 'event', 'rank/answer', 'rank/names', 'rank/report', 'rank/rows'],
  'rank/groups': [
    'base',
    'coverage',
    'event',
    'event/tables',
    'pair',
    'rank/names',
    'rank/names/user',
    'rank/report',
    'rank/rows',
    'rank/select',
  ],
  'rank/names': ['event', 'event/tables', 'pair', 'proc', 'rank/names/user', 'rank/report', 'symbols'],
  'rank/names/user': ['rank/report', 'symbols'],
  'rank/report': ['census', 'coverage', 'event', 'event/marks', 'triage', 'base', 'things'],
  'rank/rows': [
    'base',
    'coverage',
    'event',
    'event/tables',
    'pair',
    'rank/names',
    'rank/names/user',
    'rank/report',
    'rank/select',
    'rank/trust',
    'rank/verdict',
    'symbols',
  ],
  'rank/select': [
    'event',
    'event/marks',
    'event/tables',
    'pair',
    'proc',
    'rank/names',
    'rank/report',
    'symbols',
    'proc/process',
  ],
  'rank/trust': [
    'base',
    'coverage',
    'event',
    'event/tables',
    'pair',
    'pair/processes',
    'pair/losses',
    'proc',
    'rank/report',
    'rank/select',
  ],
  'rank/verdict': ['base', 'coverage', 'pair', 'rank/report', 'rank/select'],
  recording: ['base', 'event', 'recording/files', 'recording/format', 'recording/threads', 'recording/trace', 'node'],
  'recording/files': [
    'base',
    'decode',
    'decode/foreign',
    'decode/stream',
    'decode/transit',
    'event',
    'event/tables',
    'recording/format',
    'recording/output',
    'recording/trace',
    'node',
  ],
  'recording/format': [
    'base',
    'decode',
    'decode/stream',
    'event',
    'event/tables',
    'event/marks',
    'recording/format/generated',
    'protobufjs',
    'things',
    'recording/format/generated',
    'things',
    'protobufjs',
  ],
  'recording/format/generated': ['protobufjs'],
  'recording/output': ['base', 'node'],
  'recording/rewrite': ['census', 'event', 'event/tables', 'proc', 'recording/trace', 'event/marks', 'things'],
  'recording/threads': ['base', 'event', 'recording/files', 'recording/format', 'recording/trace', 'node'],
  'recording/trace': [
    'base',
    'coverage',
    'decode',
    'decode/bpftrace',
    'decode/dump',
    'decode/text',
    'decode/transit',
    'event',
    'event/tables',
    'recording/format',
    'recording/format/generated',
  ],
  session: [
    'base',
    'census',
    'export',
    'export/firefox',
    'rank/breakdown',
    'rank/report',
    'session/pipeline',
    'triage',
    'node',
    'session/look',
    'proc/process',
  ],
  'session/census': ['base', 'census', 'collect/census', 'export/census', 'proc', 'triage'],
  'session/live': [
    'base',
    'census',
    'collect',
    'collect/look',
    'decode/dump',
    'event',
    'pair/checkpoint',
    'proc',
    'proc/machine',
    'rank/breakdown',
    'rank/names/path-traits.ts',
    'rank/names/reclaimable.ts',
    'rank/report',
    'recording/files',
    'recording/rewrite',
    'recording/trace',
    'session',
    'session/census',
    'session/look',
    'session/names',
    'session/pipeline',
    'triage',
    'node',
    'collect/watch',
    'proc/process',
  ],
  'session/look': ['event', 'proc', 'triage', 'triage/answer', 'rank/report', 'proc/machine', 'proc/process'],
  'session/names': ['collect/names', 'event', 'pair', 'rank/report', 'rank/select', 'things'],
  'session/pipeline': [
    'census',
    'decode',
    'decode/stream',
    'event',
    'event/marks',
    'pair',
    'pair/checkpoint',
    'proc',
    'rank',
    'rank/report',
    'rank/rows',
    'rank/trust',
    'session/census/carried-census.ts',
    'session/census/kept-censuses.ts',
    'session/look',
    'session/names/known-names.ts',
    'symbols',
    'proc/machine',
    'proc/process',
  ],
  'session/replay': [
    'base',
    'event',
    'pair/checkpoint',
    'recording',
    'recording/trace',
    'session',
    'session/look',
    'session/pipeline',
    'triage',
  ],
  'session/screen': [
    'base',
    'census',
    'coverage',
    'export',
    'proc',
    'rank/answer',
    'rank/breakdown',
    'rank/report',
    'recording/output',
    'session',
    'session/live',
    'session/replay',
    'triage/report.ts',
    'triage/words.ts',
    'node',
    'session/look/machine-now.ts',
    'session/look',
  ],
  symbols: ['event', 'event/tables'],
  things: ['base'],
  triage: ['base', 'census', 'proc', 'proc/log', 'proc/machine'],
  'triage/answer': ['base', 'proc', 'triage', 'triage/rules', 'triage/rules/gap'],
  'triage/rules': ['base', 'triage', 'triage/rules/gap'],
  'triage/rules/gap': ['base', 'census', 'triage'],
  view: [
    'base',
    'rank/report',
    'session/trace-session.ts',
    'view/head',
    'view/lines',
    'view/model',
    'view/reducer',
    'view/tabs',
    'view/terminal',
    'ink',
    'react',
  ],
  'view/head': [
    'base',
    'event/marks',
    'rank/answer',
    'rank/report',
    'session/trace-session.ts',
    'view/lines',
    'view/model',
  ],
  'view/lines': [
    'base',
    'coverage',
    'event',
    'event/marks',
    'rank/answer',
    'rank/report',
    'triage/report.ts',
    'view/model',
    'proc/process',
  ],
  'view/model': [
    'base',
    'event',
    'event/marks',
    'rank/breakdown',
    'rank/report',
    'session/trace-session.ts',
    'session/view-data.ts',
    'triage/report.ts',
    'triage/words.ts',
  ],
  'view/reducer': [
    'rank/report',
    'session/trace-session.ts',
    'session/view-data.ts',
    'view/head',
    'view/lines',
    'view/model',
    'view/tabs',
  ],
  'view/tabs': [
    'base',
    'event',
    'rank/answer',
    'rank/breakdown',
    'rank/report',
    'session/view-data.ts',
    'view/head',
    'view/lines',
    'view/model',
    'view/tabs/census',
    'view/tabs/events',
    'view/tabs/memory',
    'view/tabs/triage',
    'view/tabs/who',
  ],
  'view/tabs/census': [
    'base',
    'census',
    'triage/report.ts',
    'triage/words.ts',
    'view/head',
    'view/lines',
    'view/model',
    'view/tabs/memory',
    'view/tabs/triage',
  ],
  'view/tabs/events': ['base', 'event/marks', 'session/trace-session.ts', 'view/head', 'view/lines', 'view/model'],
  'view/tabs/memory': [
    'base',
    'rank/answer',
    'rank/report',
    'session/view-data.ts',
    'triage/report.ts',
    'triage/words.ts',
    'view/head',
    'view/lines',
    'view/model',
  ],
  'view/tabs/who': [
    'base',
    'rank/breakdown',
    'rank/report',
    'session/view-data.ts',
    'view/head',
    'view/lines',
    'view/model',
    'view/tabs/memory',
    'rank/answer',
  ],
  'view/tabs/triage': [
    'base',
    'triage/report.ts',
    'triage/words.ts',
    'view/head',
    'view/lines',
    'view/model',
    'view/tabs/memory',
  ],
  'view/terminal': ['base', 'view/model', 'node'],
};

/** Folders whose code uses neither clock, randomness nor the machine; with all folders below them. */
const PURE = [
  'base',
  'coverage',
  'event',
  'proc',
  'decode',
  'pair',
  'symbols',
  'rank',
  'export',
  'triage',
  'census',
  'things',
];

/**
 * A folder holds one idea: with more source files than this it holds two. Folders of fewer than
 * five are small on purpose.
 */
const MOST_FILES = 16;
const README_LINES = { least: 10, most: 30 };
/** Folders whose files are generated. */
const GENERATED = new Set(['recording/format/generated']);

// new Date(x) of a given time is arithmetic; without an argument it reads the clock.
const IMPURE = new RegExp(
  [
    /['"]node:/,
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
const folders = [...new Set(files.map(folderOf))].toSorted();

/**
 * Code that the expressions must catch, at least one line for each of their parts, so that they are
 * tested themselves.
 */
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
    expect(files.length).toBeGreaterThan(300);
    expect(importsOf('rank/rank.ts')).toContain('pair/pairing-core.ts');
  });

  it('has a row for every folder, and no other', () => {
    expect(Object.keys(MAY_IMPORT).toSorted()).toEqual(folders);
  });

  it.each(FORBIDDEN)('would not let a pure file say: %s', (line) => {
    expect(IMPURE.test(line)).toBe(true);
  });

  it('lets a pure file work with a time that came in', () => {
    expect(IMPURE.test('new Date(unixMs).toISOString()')).toBe(false);
  });

  it('finds imports in every form', () => {
    const text =
      "import 'a/one.js';\nexport * from \"b/two.js\";\nconst c = await import(`c/three.js`);\nimport x from 'd';\n" +
      "import type { Y } from './y.js';\nimport {\n  type Z,\n} from '../z/z.js';";
    expect(importsIn(text, 'rank/x.ts')).toEqual(['a', 'b', 'd', 'rank/y.ts', 'z/z.ts', 'c']);
  });

  it.each(files)('%s imports only what it may', (file) => {
    const own = folderOf(file);
    const may = [own, ...(MAY_IMPORT[own] ?? [])];
    expect(importsOf(file).filter((target) => !rowsOf(target).some((row) => may.includes(row)))).toEqual([]);
  });

  it.each(folders)('%s may import nothing that it does not', (folder) => {
    const imported = new Set(files.filter((file) => folderOf(file) === folder).flatMap(importsOf));
    const used = new Set([...imported].flatMap(rowsOf));
    expect((MAY_IMPORT[folder] ?? []).filter((target) => !used.has(target))).toEqual([]);
  });

  it('is caught in a circle of two, and of three', () => {
    const graph = { a: ['b'], b: ['c'], c: ['b', 'd'], d: [], e: ['f'], f: ['g'], g: ['e'] };
    expect(circlesOf(Object.keys(graph), (name) => graph[name as keyof typeof graph])).toEqual([
      ['b', 'c'],
      ['e', 'f', 'g'],
    ]);
  });

  it('lets no files import each other in a circle, for types or not', () => {
    expect(circlesOf(files, (file) => importsOf(file).filter(isOurs))).toEqual([]);
  });

  it('lets no folders import each other in a circle', () => {
    const next = (folder: string): string[] =>
      (MAY_IMPORT[folder] ?? [])
        .map((each) => (isOurs(each) ? folderOf(each) : each))
        .filter((each) => folders.includes(each));
    expect(circlesOf(folders, next)).toEqual([]);
  });

  it.each(files.filter((file) => PURE.includes(file.split('/')[0])))(
    '%s knows neither clock, chance nor machine',
    (file) => {
      expect(IMPURE.exec(withoutComments(read(file)))?.[0]).toBeUndefined();
    },
  );

  it('gives no two exported classes one name', () => {
    const places = new Map<string, string[]>();
    for (const file of files) {
      for (const [, name] of read(file).matchAll(/^export (?:abstract )?class (\w+)/gm)) {
        places.set(name, [...(places.get(name) ?? []), file]);
      }
    }
    expect(places.size).toBeGreaterThan(40);
    expect([...places].filter(([, at]) => at.length > 1)).toEqual([]);
  });
});

/** Folders of the collector that hold its sources, beside those of src/. */
const bpfFolders = [
  'bpf',
  ...readdirSync(join(ROOT, 'bpf'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'build')
    .map((entry) => `bpf/${entry.name}`),
];
const allFolders = [...new Set(folders.filter((folder) => !GENERATED.has(folder)).flatMap(withParents))]
  .map((folder) => (folder === '' ? 'src' : `src/${folder}`))
  .concat(bpfFolders)
  .toSorted();

describe('the folders', () => {
  it.each(folders)('%s holds one idea, in few files', (folder) => {
    expect(files.filter((file) => folderOf(file) === folder).length).toBeLessThanOrEqual(MOST_FILES);
  });

  it.each(allFolders)('%s has a README that says what lives here', (folder) => {
    const path = join(ROOT, folder, 'README.md');
    expect(existsSync(path)).toBe(true);
    const text = readFileSync(path, 'utf8');
    const lines = text.trimEnd().split('\n').length;
    expect(lines).toBeGreaterThanOrEqual(README_LINES.least);
    // The README of bpf/ describes formats and methods, and may be longer.
    if (folder !== 'bpf') expect(lines).toBeLessThanOrEqual(README_LINES.most);
  });

  it.each(folders.filter((folder) => folder !== '' && !GENERATED.has(folder)))(
    '%s: its README lists what it may import',
    (folder) => {
      const text = readFileSync(join(SRC, folder, 'README.md'), 'utf8');
      const list = /^May import: ([\s\S]*?)\.(?=\s)/m.exec(text)?.[1].replace(/\s+/g, ' ') ?? 'no list';
      const named = [...list.matchAll(/`([^`]+?):?`/g)].map((match) => match[1]);
      expect(named.length > 0 ? named.toSorted() : list).toEqual(
        (MAY_IMPORT[folder] ?? []).length > 0 ? MAY_IMPORT[folder].toSorted() : 'nothing',
      );
    },
  );

  it.each(allFolders)('%s: its README has each row of a table once, and in the table', (folder) => {
    const lines = readFileSync(join(ROOT, folder, 'README.md'), 'utf8').split('\n');
    const rows = lines.filter((line) => line.startsWith('| `'));
    expect(rows.filter((row, i) => rows.indexOf(row) !== i)).toEqual([]);
    // A row behind a line of text is a part of that text.
    const stray = rows.filter((row) => !lines[lines.indexOf(row) - 1].startsWith('|'));
    expect(stray).toEqual([]);
  });

  it.each(allFolders)('%s: its README names only files that exist', (folder) => {
    const text = readFileSync(join(ROOT, folder, 'README.md'), 'utf8');
    const named = [...text.matchAll(/`([\w./-]+\.(?:ts|tsx|c|h|md|bt|proto|json))`/g)].map((match) => match[1]);
    const missing = named.filter(
      (name) =>
        ![join(ROOT, folder), join(ROOT, folder, '..'), SRC, ROOT].some((from) => existsSync(join(from, name))) &&
        !/^\.\w/.test(name),
    );
    expect(missing).toEqual([]);
  });
});

function read(file: string): string {
  return readFileSync(join(SRC, file), 'utf8');
}

/** Returns the folder of a file; '' for files in src/ itself. */
function folderOf(file: string): string {
  return dirname(file) === '.' ? '' : dirname(file);
}

/** Returns a folder with all above it: '', 'rank', 'rank/report' for 'rank/report'. */
function withParents(folder: string): string[] {
  if (folder === '') return [''];
  const parent = dirname(folder);
  return [...withParents(parent === '.' ? '' : parent), folder];
}

/** The rows of the table that allow an import: the file, its folder, or the package. */
function rowsOf(target: string): string[] {
  return isOurs(target) ? [target, folderOf(target)] : [target];
}

function isOurs(target: string): boolean {
  return /\.[jt]sx?$/.test(target);
}

/** Strings stay, because the path of an import is one. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '');
}

/** Returns the imports of a file: files below src, names of packages, or 'node'. */
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
    const path = relative(SRC, join(SRC, dirname(file), target));
    const candidates = [path.replace(/\.js$/, '.ts'), path.replace(/\.js$/, '.tsx'), path];
    return candidates.find((each) => existsSync(join(SRC, each))) ?? candidates[0];
  });
}

/** Returns groups of two or more names that reach each other, sorted (Tarjan, 1972). */
function circlesOf(names: readonly string[], next: (name: string) => readonly string[]): string[][] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const circles: string[][] = [];
  const lowOf = (name: string): number => low.get(name) ?? 0;
  const visit = (name: string): void => {
    index.set(name, index.size);
    low.set(name, index.size - 1);
    stack.push(name);
    for (const target of next(name)) {
      if (!index.has(target)) visit(target);
      if (stack.includes(target)) low.set(name, Math.min(lowOf(name), lowOf(target)));
    }
    if (lowOf(name) !== index.get(name)) return;
    const group = stack.splice(stack.indexOf(name));
    if (group.length > 1) circles.push(group.toSorted());
  };
  for (const name of names) if (!index.has(name)) visit(name);
  return circles.toSorted(([a], [b]) => (a < b ? -1 : 1));
}
