import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { unfreed } from '../helpers/cli.js';
import { scratch } from '../helpers/scratch.js';
import { secondsRecording } from '../helpers/seconds-trace.js';
import { joined } from '../helpers/stream-bytes.js';

const place = scratch();

function recorded(name: string): string {
  return fileURLToPath(new URL(`../../recordings/bpf/${name}/`, import.meta.url));
}

it('judges an older recording by its samples, and tells by its exit status', async () => {
  const path = `${recorded('6.12-demo')}demo.unfreed`;
  const ran = await unfreed(['triage', '--json', path]);
  expect([ran.code, ran.stderr]).toEqual([3, '']);
  const report = JSON.parse(ran.stdout) as {
    machine: { looks: number; kernel: string };
    findings: { rule: string; severity: string }[];
    hoursLeft: number | null;
  };
  expect(report.machine).toMatchObject({ looks: 2, kernel: '6.12.117' });
  // The demo keeps pipes.
  expect(report.findings).toContainEqual(expect.objectContaining({ rule: 'R3', severity: 'growing' }));
  expect(report.hoursLeft).toBeGreaterThan(0);
  const bare = await unfreed(['triage', path]);
  expect(bare.code).toBe(3);
  expect(bare.stdout).toContain('GROWING');
});

it('says so where a recording shows nothing of memory, is damaged, or is none', async () => {
  const without = await unfreed(['triage', place('without.unfreed', joined(secondsRecording(3)))]);
  expect(without.code).toBe(1);
  expect(without.stderr).toContain('no look at the machine, and no samples of /proc/meminfo');
  const whole = readFileSync(`${recorded('6.12-demo')}demo.unfreed`);
  const cut = await unfreed(['triage', place('cut.unfreed', whole.subarray(0, whole.length / 2))]);
  expect(cut.code).toBe(3);
  expect(cut.stderr).not.toBe('');
  const packed = await unfreed(['triage', place('packed.unfreed.gz', gzipSync(whole))]);
  expect(packed.code).toBe(3);
});
