/**
 * What the set-up says when the eBPF collector cannot be built. The script is the real one, in a made
 * tree beside it whose other parts are up to date; the compiler is the machine's own.
 */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const SCRIPT = join(import.meta.dirname, '../../scripts/setup.sh');

/** Tools that do nothing, but for make: the set-up asks whether they are there. */
const TOOLS = ['clang', 'llvm-strip', 'cc', 'bpftrace', 'bpftool'];

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'unfreed-setup-'));
  for (const folder of ['scripts', 'src', 'dist', 'bpf', 'node_modules', 'tools']) mkdirSync(join(root, folder));
  copyFileSync(SCRIPT, join(root, 'scripts/setup.sh'));
  for (const name of ['package-lock.json', 'package.json', 'scripts/build.mjs']) writeFileSync(join(root, name), '');
  for (const stamp of ['node_modules/.unfreed-installed', 'dist/.built']) {
    writeFileSync(join(root, stamp), '');
    // Newer than everything else, however coarse the clock of the file system is.
    utimesSync(join(root, stamp), Date.now() / 1000 + 60, Date.now() / 1000 + 60);
  }
  for (const name of TOOLS) tool(name, 'exit 0');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function tool(name: string, script: string): void {
  const path = join(root, 'tools', name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

async function setUp(makefile: string): Promise<{ said: string; exitCode: number | undefined }> {
  writeFileSync(join(root, 'bpf/Makefile'), makefile);
  const run = await execa('bash', [join(root, 'scripts/setup.sh')], {
    reject: false,
    env: { UNFREED_NO_APT: '1', PATH: `${join(root, 'tools')}:${process.env['PATH'] ?? ''}` },
  });
  return { said: run.stderr, exitCode: run.exitCode };
}

const BUILDS = 'all:\n\tmkdir -p build\n\ttouch build/unfreed-collect\n';
/** As make and clang speak: the first error comes after lines that are none. */
const FAILS = `all:
\t@echo 'In file included from programs/unfreed.bpf.c:30:'
\t@echo 'build/vmlinux.h:1895:2: error: declaration does not declare anything' >&2
\t@echo 'build/vmlinux.h:5734:3: error: declaration does not declare anything' >&2
\t@exit 1
`;

describe.skipIf(!existsSync('/sys/kernel/btf/vmlinux'))('the set-up', () => {
  it("prints the compiler's first error and what to do, and goes on", async () => {
    const { said, exitCode } = await setUp(FAILS);
    expect(exitCode).toBe(0);
    expect(said).toContain('not built: build/vmlinux.h:1895:2: error: declaration does not declare anything');
    expect(said).not.toContain('5734');
    expect(said).toContain('make -C bpf V=1');
    expect(said).toContain('--collector bpftrace');
    expect(said).not.toContain('earlier build');
  });

  it('keeps the reason for those that miss the collector, until it is built', async () => {
    await setUp(FAILS);
    expect(readFileSync(join(root, 'bpf/build/.failed'), 'utf8')).toBe(
      'build/vmlinux.h:1895:2: error: declaration does not declare anything\n',
    );
    const { said } = await setUp(BUILDS);
    expect(said).not.toContain('not built');
    expect(existsSync(join(root, 'bpf/build/.failed'))).toBe(false);
  });

  it('tells that an older executable stays', async () => {
    mkdirSync(join(root, 'bpf/build'));
    writeFileSync(join(root, 'bpf/build/unfreed-collect'), '');
    chmodSync(join(root, 'bpf/build/unfreed-collect'), 0o755);
    expect((await setUp(FAILS)).said).toContain('the executable of an earlier build stays in use');
  });
});
