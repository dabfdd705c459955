/** A census as a program: its rights, its budget, and what it says when it cannot be. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COLLECTOR, type RawCensus, takeCensus } from '../../helpers/census.js';
import { requireRoot } from '../../helpers/live.js';
import { until } from '../../helpers/patience.js';

const directory = mkdtempSync(join(tmpdir(), 'unfreed-census-'));
/** A copy that every user may start. */
const copy = join(directory, 'unfreed-collect');

beforeAll(() => {
  requireRoot();
  chmodSync(directory, 0o755);
  copyFileSync(COLLECTOR, copy);
});
afterAll(() => rmSync(directory, { recursive: true }));

/** The collector's census with these capabilities alone. */
function withRights(...capabilities: string[]): { status: number | null; stdout: string; stderr: string } {
  const caps = ['-all', ...capabilities.map((name) => `+${name}`)].join(',');
  const args = ['--reuid=65534', '--regid=65534', '--clear-groups', `--inh-caps=${caps}`, `--ambient-caps=${caps}`];
  const { status, stdout, stderr } = spawnSync('setpriv', [...args, `--bounding-set=${caps}`, copy, '--census'], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

const spanned = ({ zones }: RawCensus): number => zones.reduce((sum, { spannedPages }) => sum + spannedPages, 0);
const counted = ({ classes }: RawCensus): number => classes.reduce((sum, { pages }) => sum + pages, 0);

describe('rights', () => {
  it('without any: a sentence, and no result', () => {
    const { status, stdout, stderr } = withRights();
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^unfreed-collect: tracing the kernel needs root[^\n]*\n$/);
  });

  it('with those of a trace alone: a sentence that names the one that is missing', () => {
    expect(withRights('bpf', 'perfmon', 'syslog')).toEqual({
      status: 1,
      stdout: '',
      stderr:
        'unfreed-collect: /proc/self/pagemap shows no page frame numbers: a census needs CAP_SYS_ADMIN as well (run it with sudo)\n',
    });
  });

  it('a user with the four: the census, without slabinfo, which is for root to read', () => {
    const { status, stdout, stderr } = withRights('bpf', 'perfmon', 'syslog', 'sys_admin');
    expect([status, stderr]).toEqual([0, '']);
    const census = JSON.parse(stdout) as RawCensus;
    expect(counted(census)).toBe(spanned(census));
    expect(census.checks.filter(({ unit }) => unit === 'objects')).toEqual([]);
  });

  it('without CAP_SYSLOG: all but the names, and the result says so', () => {
    const { status, stdout, stderr } = withRights('bpf', 'perfmon', 'sys_admin');
    expect([status, stderr]).toEqual([0, '']);
    const { areas, missing } = JSON.parse(stdout) as RawCensus;
    expect(areas.length).toBeGreaterThan(0);
    expect(areas.filter(({ caller }) => caller !== '')).toEqual([]);
    expect(missing.map(({ stage, what }) => `${stage}: ${what}`)).toEqual([
      expect.stringMatching(/^areas: \/proc\/kallsyms hides its addresses/),
    ]);
  });

  it('while it reads it has given up all but two', async () => {
    const child = spawn(COLLECTOR, ['--census', '--budget', '1'], { stdio: 'ignore' });
    // BPF (39) and PERFMON (38).
    const has = (): string | undefined =>
      /^CapPrm:\t(\w+)$/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
    await until('it gives up its rights', () => has() === '000000c000000000');
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
});

describe('what others notice', () => {
  it('--budget: pauses, and the same result', () => {
    const census = takeCensus('--budget', '5');
    const reading = census.time.steps.filter(({ step }) => ['pages', 'areas', 'owners'].includes(step));
    const [wall, cpu] = (['wallNs', 'cpuNs'] as const).map((what) =>
      reading.reduce((sum, each) => sum + each[what], 0),
    );
    expect(cpu / wall).toBeLessThan(0.1);
    expect(counted(census)).toBe(spanned(census));
    expect(census.missing).toEqual([]);
  });

  it('--budget: pauses while it computes, too', () => {
    const { time } = takeCensus('--budget', '25', '--stages', 'holders,types');
    for (const name of ['objects', 'holders']) {
      const { wallNs, cpuNs } = time.steps.find(({ step }) => step === name) ?? { wallNs: 1, cpuNs: 1 };
      expect(cpuNs / wallNs).toBeLessThan(0.35);
    }
  });

  it.each(['4K', '1M'])('--call-bytes %s: the same result', (bytes) => {
    const census = takeCensus('--call-bytes', bytes);
    expect(counted(census)).toBe(spanned(census));
    expect(census.missing).toEqual([]);
  });

  it('struct pages are read at 2 GB a second or more', { retry: 5 }, () => {
    const census = takeCensus();
    const pages = census.time.steps.find(({ step }) => step === 'pages');
    // 64 bytes a page of the zones, copied or known to be like its neighbours.
    expect((spanned(census) * 64) / (pages?.cpuNs ?? Infinity)).toBeGreaterThan(2);
  });

  it('takes less than 64 MiB of memory here, and 1 byte a page', () => {
    const census = takeCensus();
    expect(census.time.maxRssBytes).toBeLessThan(64 * 2 ** 20 + spanned(census));
  });
});

it('--steps: where it is, on stderr', () => {
  const { status, stderr } = spawnSync(COLLECTOR, ['--census', '--steps'], { encoding: 'utf8', maxBuffer: 256 << 20 });
  expect(status).toBe(0);
  const steps = stderr.trimEnd().split('\n');
  expect(steps.filter((line) => !/^step \w+ \d+ \d+$/.test(line))).toEqual([]);
  const names = [...new Set(steps.map((line) => line.split(' ')[1]))];
  expect(names).toEqual(['process', 'types', 'programs', 'bases', 'pages', 'areas']);
});

it('a reader that goes away is an error, not a result that is cut', () => {
  const { status, stderr } = spawnSync('sh', ['-c', `${COLLECTOR} --census > /dev/full`], { encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stderr).toContain('unfreed-collect: the result could not be written: ');
});

describe('--repeat', () => {
  it('a line for each, complete, and the program is loaded once', () => {
    const args = [
      '--census',
      '--repeat',
      '2',
      '--stages',
      'pages,holders,orphans',
      '--scans',
      '2',
      '--scan-interval',
      '10ms',
      '--steps',
    ];
    const { status, stdout, stderr } = spawnSync(COLLECTOR, args, { encoding: 'utf8', maxBuffer: 256 << 20 });
    expect(status).toBe(0);
    expect(stderr.match(/^step programs /gm)).toHaveLength(1);
    const lines = stdout.split('\n');
    expect(lines.pop()).toBe('');
    const rounds = lines.map((line) => JSON.parse(line) as RawCensus);
    expect(rounds).toHaveLength(2);
    for (const census of rounds) {
      expect(counted(census)).toBe(spanned(census));
      expect(census.missing).toEqual([]);
      expect(census.owners.length).toBeGreaterThan(0);
      expect(census.holders?.length).toBeGreaterThan(0);
      expect(census.orphans?.scans).toBe(2);
      // Nothing of an earlier one: each counts its own calls, and what it took.
      expect(census.time.bytesCopied).toBeLessThan(rounds[0].time.bytesCopied * 2);
      expect(census.time.steps.filter(({ step }) => step === 'pages')).toHaveLength(1);
    }
  });

  it('a reader that goes away ends it', async () => {
    const child = spawn(COLLECTOR, ['--census', '--repeat', '1000000'], { stdio: ['ignore', 'pipe', 'ignore'] });
    await once(child.stdout, 'data');
    child.stdout.destroy();
    await once(child, 'exit');
    expect([child.exitCode, child.signalCode]).toEqual([1, null]);
  });

  it('with the process that asked for it, what it has started ends too', async () => {
    const command = `${COLLECTOR} --census --repeat 1000000 --die-with-parent >/dev/null & echo $!; exec sleep 1000`;
    const shell = spawn('sh', ['-c', command], { stdio: ['ignore', 'pipe', 'ignore'] });
    const [first] = (await once(shell.stdout, 'data')) as [Buffer];
    const pid = Number(first.toString());
    // With a child of its own it is beyond its start.
    const children = (): string => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    await until('it takes a census', () => children() !== '');
    shell.kill('SIGKILL');
    await once(shell, 'exit');
    await until(
      'it ends',
      () => !existsSync(`/proc/${pid}`) || /^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')),
    );
  });
});
