import { spawn } from 'node:child_process';
import { expect, test } from 'vitest';
import { CpuMeter, cpuSeconds } from '../../src/collect/process-cpu.js';
import { until } from '../helpers/patience.js';

test('a process that works has CPU seconds, also one that a process of ours started', async () => {
  const before = cpuSeconds(process.pid) ?? -1;
  expect(before).toBeGreaterThan(0);
  const child = spawn('sh', ['-c', 'sh -c "while :; do :; done"; true'], { stdio: 'ignore', detached: true });
  const { pid } = child;
  if (pid === undefined) throw new Error('no child');
  try {
    await until('it to have worked', () => (cpuSeconds(pid) ?? 0) >= 0.05, 10);
    // The shell itself only waits.
    expect(cpuSeconds(pid, 0)).toBeLessThan(0.05);
  } finally {
    process.kill(-pid, 'SIGKILL');
  }
});

test('a process that is gone has none, and a name with parentheses and numbers is no obstacle', async () => {
  expect(cpuSeconds(2 ** 22 + 1)).toBeNull();
  const loop = 'echo ") 9 9 (" > /proc/$$/comm; while :; do :; done';
  const child = spawn('bash', ['-c', loop], { stdio: 'ignore', detached: true });
  const { pid } = child;
  if (pid === undefined) throw new Error('no child');
  try {
    await until('it to have worked', () => (cpuSeconds(pid) ?? 0) >= 0.05, 10);
    expect(cpuSeconds(pid)).toBeLessThan(10);
  } finally {
    process.kill(-pid, 'SIGKILL');
  }
});

test('the meter needs two looks, and answers from the last one until it is time for another', () => {
  const meter = new CpuMeter();
  expect(meter.read(process.pid, 0)).toBeNull();
  expect(meter.read(process.pid, 999)).toBeNull();
  const share = meter.read(process.pid, 1_000_000);
  expect(share).toBeGreaterThanOrEqual(0);
  expect(meter.read(process.pid, 1_000_500)).toBe(share);
  expect(meter.read(null, 2_000_000)).toBeNull();
});
