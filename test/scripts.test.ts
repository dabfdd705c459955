/**
 * A program is a file that no other file imports; imported files only declare. So no file must find
 * out whether it is the main module. In a bundle (scripts/run-ts.mjs) all files share one
 * process.argv[1] and one import.meta, so a file that checks would take itself for the main module
 * when another one is.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { parseAst } from 'rolldown/parseAst';
import { describe, expect, it } from 'vitest';
import { MODE_NAMES, notRun } from './helpers/modes.js';

const ROOT = join(import.meta.dirname, '..');
const THIS_FILE = relative(ROOT, import.meta.filename);

/** The ways to check for the main module, which no file may use. */
const ASKS = new RegExp(
  [
    /\bprocess\s*\.\s*argv\s*(?:\?\.)?\s*\[\s*1\s*\]/,
    /\bprocess\s*\.\s*argv\s*(?:\?\.)?\s*\.?\s*(?:at\(\s*1|slice\(\s*[01]?\s*\))/,
    /\[\s*\w*\s*,\s*\w+\s*(?:,[^\]]*)?\]\s*=\s*process\s*\.\s*argv\s*[;,\n]/,
    /\bimport\s*\.\s*meta\s*\.\s*main\b/,
    /\brequire\s*\.\s*main\b/,
    /\bimport\s*\.\s*meta\s*\.\s*\w+\s*[!=]==?/,
    /[!=]==?\s*import\s*\.\s*meta\b/,
  ]
    .map(({ source }) => source)
    .join('|'),
);

/** Arguments and paths, which only a program may read, not a file that others import. */
const OF_THE_PROGRAM = /\bprocess\s*\.\s*argv\b|\bimport\s*\.\s*meta\b/;

const DECLARATIONS = [
  'ImportDeclaration',
  'ExportAllDeclaration',
  'FunctionDeclaration',
  'ClassDeclaration',
  'VariableDeclaration',
  'TSInterfaceDeclaration',
  'TSTypeAliasDeclaration',
];

const programs = [...filesIn('scripts'), ...filesIn('test/guest')];
const imported = new Set(programs.flatMap(importsOf));
const importable = programs.filter((file) => imported.has(file));
const all = [...programs, ...filesIn('src'), ...filesIn('test')].filter((file) => file !== THIS_FILE);

describe('programs of this repository', () => {
  it('are seen, and what they import', () => {
    expect(importable).toContain('scripts/bench-replay.ts');
    expect(importable).toContain('test/guest/compare.ts');
    expect(importable).not.toContain('scripts/bench.ts');
    expect(all).toContain('src/main.ts');
  });

  it.each([
    'if (process.argv[1].endsWith("/x.mjs")) run();',
    'if (import.meta.url === pathToFileURL(file).href) run();',
    'if (pathToFileURL(file).href === import.meta.url) run();',
    'if (import.meta.main) run();',
    'if (require.main === module) run();',
    'const [, self] = process.argv;',
    'execFile(process.execPath, process.argv.slice(1));',
  ])('would not let a file say: %s', (line) => {
    expect(ASKS.test(line)).toBe(true);
  });

  it.each([
    'const words = process.argv.slice(2);',
    'const [file, ...args] = process.argv.slice(2);',
    'const task = process.argv[2];',
    "new URL('./worker.js', import.meta.url)",
  ])('would let a program say: %s', (line) => {
    expect(ASKS.test(line)).toBe(false);
  });

  it.each([
    'run();',
    'await run();',
    'const rows = await run();',
    'export const rows = await run();',
    'if (asked) run();',
    'process.exitCode = 1;',
    'for (const part of parts) part();',
    'export default run();',
  ])('would not let a file that others import say: %s', (line) => {
    expect(runsAtImport(line)).not.toEqual([]);
  });

  it('would let a file that others import declare', () => {
    const text =
      "import { a } from './a.js';\nexport type { B } from './b.js';\nexport interface C {}\ntype D = C;\n" +
      'const e = [1].map(String);\nexport async function f() { await e; }\nexport class G {}\nlet h = async () => await f();';
    expect(runsAtImport(text)).toEqual([]);
  });

  it('do not ask which file is the main module', () => {
    expect(all.filter((file) => ASKS.test(withoutComments(read(file))))).toEqual([]);
  });

  it.each(importable)('%s, which others import, only declares', (file) => {
    expect(runsAtImport(read(file))).toEqual([]);
    expect(OF_THE_PROGRAM.exec(withoutComments(read(file)))?.[0]).toBeUndefined();
  });
});

function filesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(?:m?js|tsx?)$/.test(file) && !file.endsWith('.d.ts') && !file.includes('build/'))
    .map((file) => join(folder, file))
    .toSorted();
}

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

/** Removes comments; strings stay. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '');
}

/** Returns paths from the root. A type-only import runs nothing and does not count. */
function importsOf(file: string): string[] {
  const statements = read(file).matchAll(/^(?:import(?! type\b)|export(?! type\b)|\}).*\bfrom '(\.[^']+)'/gm);
  return [...statements].map((match) => join(dirname(file), match[1]).replace(/\.js$/, '.ts'));
}

interface Node {
  type: string;
  start: number;
  end: number;
}

/**
 * Returns the code that runs when a file is imported: the text of each statement that is no
 * declaration, and of each await outside functions.
 */
function runsAtImport(text: string): string[] {
  const statements = parseAst(text, { lang: 'ts', sourceType: 'module' }, 'file.ts').body.flatMap(
    (statement): Node[] =>
      statement.type === 'ExportNamedDeclaration'
        ? statement.declaration === null
          ? []
          : [statement.declaration]
        : [statement],
  );
  return statements
    .filter(
      (statement) =>
        !DECLARATIONS.includes(statement.type) || (statement.type === 'VariableDeclaration' && awaits(statement)),
    )
    .map(({ start, end }) => text.slice(start, end).split('\n')[0]);
}

/** True if an await runs with the statement itself, not within a function. */
function awaits(node: object): boolean {
  return Object.values(node).some((value: unknown) => {
    if (typeof value !== 'object' || value === null) return false;
    if ('type' in value && typeof value.type === 'string') {
      if (value.type === 'AwaitExpression') return true;
      if (/Function/.test(value.type)) return false;
    }
    return awaits(value);
  });
}

describe('npm run test:modes', () => {
  const folder = join(ROOT, 'test/live');

  it.each(readdirSync(folder).filter((name) => name.endsWith('.test.ts')))(
    '%s runs in the mode under test, or says why it does not',
    (file) => {
      const isAware = readFileSync(join(folder, file), 'utf8').includes('modeIt(import.meta.url)');
      const isListed = MODE_NAMES.every((mode) => mode === 'all' || notRun(file, null, mode) !== null);
      expect(isAware || isListed).toBe(true);
    },
  );
});
