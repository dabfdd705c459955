/** Programs and libraries of test/bpf/process/ as a distribution would build them: optimised, not sanitized. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const HERE = new URL('.', import.meta.url).pathname;
const PROCESS = new URL('../../../bpf/process', import.meta.url).pathname;

/** All of bpf/process/, below bpf/. */
export const PROCESS_FILES = readdirSync(PROCESS)
  .filter((name) => name.endsWith('.c'))
  .map((name) => `process/${name}`);

export function hasCompiler(name: 'cc' | 'c++'): boolean {
  return spawnSync(name, ['--version']).status === 0;
}

/** A directory of programs, removed with them. */
export class Programs {
  readonly directory = mkdtempSync(join(tmpdir(), 'unfreed-process-'));

  path(name: string): string {
    return join(this.directory, name);
  }

  /** Builds `source` of test/bpf/process/, or an absolute path, as `name`; returns its path. */
  build(name: string, source: string, ...flags: string[]): string {
    const compiler = source.endsWith('.cc') ? 'c++' : 'cc';
    const from = source.startsWith('/') ? source : join(HERE, source);
    const args = ['-O2', '-g', '-fomit-frame-pointer', '-D_GNU_SOURCE', from, '-o', this.path(name), ...flags];
    const built = spawnSync(compiler, args, { encoding: 'utf8' });
    if (built.status !== 0) throw new Error(`${compiler} could not build ${source}:\n${built.stderr}`);
    return this.path(name);
  }

  /** The library that compares paths within a program (audit.c). */
  buildAudit(): string {
    // Names are not compared, and need libiberty.
    const files = PROCESS_FILES.filter((file) => !/(?:user-symbols|demangle)\.c$/.test(file));
    const sources = files.map((file) => join(PROCESS, '..', file));
    const flags = ['-std=gnu11', '-shared', '-fPIC', '-ftls-model=initial-exec', '-Wall', '-Wextra', '-Werror'];
    return this.build('audit.so', 'audit.c', ...flags, '-iquote', PROCESS, ...sources, '-lz');
  }

  remove(): void {
    rmSync(this.directory, { recursive: true });
  }
}
