/**
 * The loader calls downwards only. `nm` shows what each object file of bpf/build defines and needs.
 * The compiler finds most upward calls already (bpf/Makefile: a file finds no header of a layer
 * above its own); this test finds the rest, and circles within a layer.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import { LAYERS } from '../helpers/host-program.js';

const BPF = new URL('../../bpf', import.meta.url).pathname;

/**
 * Folders of bpf/ that are no layer of the loader: the interface of both sides, and the programs in
 * the kernel.
 */
const NOT_LAYERS = ['abi', 'programs'];

/** Runs in the programs that are traced, and is no part of the loader. */
const LIBRARY = 'preload/library/';

interface ObjectFile {
  /** 'trace/ring', 'unfreed'. */
  name: string;
  /** Index into LAYERS; unfreed.c is above all. */
  layer: number;
  defines: string[];
  needs: string[];
}

/** Paths of the loader's sources below bpf/, without their ending. */
const SOURCES = readdirSync(BPF, { recursive: true, encoding: 'utf8' })
  .filter(
    (path) =>
      path.endsWith('.c') && !path.endsWith('.bpf.c') && !path.startsWith('build/') && !path.startsWith(LIBRARY),
  )
  .map((path) => path.slice(0, -2))
  .toSorted();

/** Returns why this machine cannot build the collector; null if it can. */
function unbuildable(): string | null {
  for (const tool of ['clang', 'bpftool', 'make', 'cc']) {
    const places = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin'];
    if (!places.some((place) => existsSync(join(place, tool)))) return `${tool} is not installed`;
  }
  return existsSync('/sys/kernel/btf/vmlinux') ? null : 'the kernel has no BTF';
}

/**
 * Returns the object files. Skips the test, with a printed reason, if this machine cannot build
 * them; fails it if they could be built but are missing.
 */
function objects(context: TestContext): ObjectFile[] {
  const missing = SOURCES.filter((name) => !existsSync(join(BPF, 'build', `${name}.o`)));
  const reason = missing.length > 0 ? unbuildable() : null;
  if (reason !== null) {
    console.warn(`test/bpf/layers.test.ts: skipped: the loader's object files are not here, and ${reason}`);
    context.skip(reason);
  }
  const old = SOURCES.filter((name) => !missing.includes(name) && isOlder(name));
  if (missing.length + old.length > 0) {
    throw new Error(
      `NOT BUILT SINCE IT CHANGED: ${[...missing, ...old].join(', ')}. Run npm run setup, or make -C bpf.`,
    );
  }
  return readObjects();
}

/** True if an object file is older than its source, or than a header that the compiler read for it (-MMD). */
function isOlder(name: string): boolean {
  const made = statSync(join(BPF, `build/${name}.o`)).mtimeMs;
  const [rule] = readFileSync(join(BPF, `build/${name}.d`), 'utf8')
    .replaceAll('\\\n', ' ')
    .split('\n');
  const read = rule
    .split(/\s+/)
    .slice(1)
    .filter((path) => path !== '' && !path.startsWith('build/'));
  // A header that is gone since has changed the sources that included it.
  return [`${name}.c`, ...read].some(
    (path) => (statSync(join(BPF, path), { throwIfNoEntry: false })?.mtimeMs ?? 0) > made,
  );
}

function readObjects(): ObjectFile[] {
  const files: ObjectFile[] = SOURCES.map((name) => ({ name, layer: layerOf(name), defines: [], needs: [] }));
  const byName = new Map(files.map((file) => [file.name, file]));
  const paths = SOURCES.map((name) => `${name}.o`);
  // bpf/build as nm names it: "trace/ring.o:0000000000000000 T ring_open"
  const listed = execFileSync('nm', ['-A', ...paths], { cwd: join(BPF, 'build'), encoding: 'utf8' });
  for (const line of listed.trimEnd().split('\n')) {
    const [, name, type, symbol] = /^(.+)\.o:.*([A-Za-z]) (\S+)$/.exec(line) ?? ['', '', '', ''];
    const file = byName.get(name);
    if (type === 'U') file?.needs.push(symbol);
    else if (type === type.toUpperCase()) file?.defines.push(symbol);
  }
  return files;
}

function layerOf(name: string): number {
  return name.includes('/') ? LAYERS.indexOf(name.split('/')[0]) : LAYERS.length;
}

interface Call {
  from: ObjectFile;
  to: ObjectFile;
  symbol: string;
}

function callsBetween(files: ObjectFile[]): Call[] {
  const home = new Map(files.flatMap((file) => file.defines.map((symbol) => [symbol, file] as const)));
  return files.flatMap((from) =>
    from.needs.flatMap((symbol) => {
      const to = home.get(symbol);
      return to === undefined || to === from ? [] : [{ from, to, symbol }];
    }),
  );
}

/** Returns the names of files that reach themselves. */
function inCircles(files: ObjectFile[]): string[] {
  const calls = callsBetween(files);
  const reaches = (start: ObjectFile): boolean => {
    const seen = new Set<ObjectFile>();
    const open = [start];
    for (let file = open.pop(); file !== undefined; file = open.pop()) {
      for (const { to } of calls.filter((call) => call.from === file)) {
        if (to === start) return true;
        if (!seen.has(to)) open.push(to);
        seen.add(to);
      }
    }
    return false;
  };
  return files.filter(reaches).map((file) => file.name);
}

const upward = (files: ObjectFile[]): string[] =>
  callsBetween(files)
    .filter(({ from, to }) => to.layer > from.layer)
    .map(({ from, to, symbol }) => `${from.name} needs ${symbol} of ${to.name}`);

describe('the loader', () => {
  it('every folder is a layer, in one order, which the Makefile has too', () => {
    const folders = readdirSync(BPF, { withFileTypes: true }).filter(
      (entry) => entry.isDirectory() && entry.name !== 'build',
    );
    expect(folders.map((entry) => entry.name).toSorted()).toEqual([...NOT_LAYERS, ...LAYERS].toSorted());
    expect(/^LAYERS := (.*)$/m.exec(readFileSync(join(BPF, 'Makefile'), 'utf8'))?.[1]).toBe(LAYERS.join(' '));
    expect(SOURCES.filter((name) => name.includes('/') && !LAYERS.includes(name.split('/')[0]))).toEqual([]);
  });

  it('no file needs anything of a layer above its own', (context) => {
    const files = objects(context);
    // A check of the test itself: main makes many calls, all of them downwards.
    expect(callsBetween(files).filter(({ from }) => from.name === 'unfreed').length).toBeGreaterThan(20);
    expect(upward(files)).toEqual([]);
  });

  it('what is known of processes knows neither of eBPF nor of the stream: it needs no other folder', (context) => {
    const files = objects(context);
    const own = files.filter(({ name }) => name.startsWith('process/'));
    expect(own.length).toBeGreaterThan(3);
    expect(
      callsBetween(files).flatMap(({ from, to }) => (own.includes(from) && !own.includes(to) ? [to.name] : [])),
    ).toEqual([]);
    const included = own.flatMap(({ name }) =>
      [...readFileSync(join(BPF, `${name}.c`), 'utf8').matchAll(/^#include [<"](.+)[>"]$/gm)].map(([, path]) => path),
    );
    expect(
      included.filter((path) => path.startsWith('bpf/') || existsSync(join(BPF, 'abi', path)) || path === 'base.h'),
    ).toEqual([]);
  });

  it('no files need each other in a circle', (context) => {
    expect(inCircles(objects(context))).toEqual([]);
  });
});

const file = (name: string, layer: number, defines: string[], needs: string[]): ObjectFile => ({
  name,
  layer,
  defines,
  needs,
});

describe('the rule itself', () => {
  const fine = [
    file('base/a', 0, ['a'], ['printf']),
    file('trace/b', 5, ['b'], ['a']),
    file('unfreed', 6, ['main'], ['a', 'b']),
  ];

  it('lets files need what is below them, or beside them', () => {
    expect(upward([...fine, file('trace/c', 5, ['c'], ['b'])])).toEqual([]);
    expect(inCircles(fine)).toEqual([]);
  });

  it('names an upward need, and each file of a circle', () => {
    const files = [
      file('kernel/k', 1, ['k'], ['b']),
      file('trace/b', 5, ['b'], ['k']),
      file('trace/c', 5, ['c'], ['b']),
    ];
    expect(upward(files)).toEqual(['kernel/k needs b of trace/b']);
    expect(inCircles(files)).toEqual(['kernel/k', 'trace/b']);
  });
});
