/**
 * Parts of the loader (bpf/) compiled with the host's own compiler and run as ordinary programs, text in,
 * text out.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = new URL('../..', import.meta.url).pathname;
const BPF = join(ROOT, 'bpf');

/**
 * The loader's folders, lowest first (bpf/Makefile has the same list; test/bpf/layers.test.ts
 * compares them).
 */
export const LAYERS = [
  'base',
  'process',
  'kernel',
  'stream',
  'stacks',
  'attach',
  'marks',
  'spaces',
  'heap',
  'preload',
  'memory',
  'census',
  'references',
  'holders',
  'names',
  'trace',
];

export interface HostRun {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** A program of test/bpf/, linked with some files of the loader. Sanitized: a read past a buffer ends it. */
export class HostProgram {
  private readonly directory = mkdtempSync(join(tmpdir(), 'unfreed-host-'));
  readonly path = join(this.directory, 'program');

  private readonly source: string;
  private readonly files: readonly string[];

  /** `source` is a file of test/bpf/, `files` are of bpf/. */
  constructor(source: string, files: readonly string[]) {
    this.source = source;
    this.files = files;
  }

  /** Takes seconds: once for each test file. */
  build(): void {
    requireCompiler();
    const flags = '-std=gnu11 -O1 -g -Wall -Wextra -Werror -Wno-unknown-pragmas -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64';
    const args = [...flags.split(' '), '-fsanitize=address,undefined', '-fno-sanitize-recover', '-DVERSION="1.2.3"'];
    for (const folder of ['abi', ...LAYERS, 'programs']) args.push('-iquote', join(BPF, folder));
    args.push(join(ROOT, 'test/bpf', this.source), '-o', this.path);
    for (const file of this.files) args.push(join(BPF, file));
    const built = spawnSync('cc', [...args, '-lbpf', '-lelf', '-lz', '-liberty'], { encoding: 'utf8' });
    if (built.status !== 0) throw new Error(`cc could not build test/bpf/${this.source}:\n${built.stderr}`);
  }

  run(args: readonly string[] = [], input = ''): HostRun {
    const { status, stdout, stderr } = spawnSync(this.path, args, {
      encoding: 'utf8',
      input,
      env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' },
    });
    return { status, stdout, stderr };
  }

  /** The lines that it prints. Fails with its stderr unless it exits with 0. */
  lines(args: readonly string[], input = ''): string[] {
    const { status, stdout, stderr } = this.run(args, input);
    if (status !== 0) throw new Error(`exit status ${status}: ${stderr}`);
    return stdout.trimEnd().split('\n');
  }

  /** A file beside the program, removed with it. */
  file(name: string): string {
    return join(this.directory, name);
  }

  remove(): void {
    rmSync(this.directory, { recursive: true });
  }
}

/** Fails the test if the loader's parts cannot be compiled. */
function requireCompiler(): void {
  const missing: string[] = [];
  try {
    execFileSync('cc', ['--version'], { stdio: 'ignore' });
  } catch {
    missing.push('cc (gcc, libc6-dev)');
  }
  if (!existsSync('/usr/include/bpf/libbpf.h')) missing.push('/usr/include/bpf/libbpf.h (libbpf-dev)');
  if (!existsSync('/usr/include/libiberty/demangle.h'))
    missing.push('/usr/include/libiberty/demangle.h (libiberty-dev)');
  if (missing.length > 0) {
    throw new Error(
      `HOST TESTS OF THE LOADER NEED ${missing.join(' AND ')}: run npm run setup as root (a failure, not a skip).`,
    );
  }
}
