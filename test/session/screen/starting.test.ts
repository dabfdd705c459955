import { expect, it } from 'vitest';
import { memoryOf } from '../../../src/session/screen/starting.js';

it('reads total and available RAM, in bytes', () => {
  const text = 'MemTotal:       24640512 kB\nMemFree:         100 kB\nMemAvailable:   23802675 kB\n';
  expect(memoryOf(text)).toEqual({ totalBytes: 24_640_512 * 1024, availableBytes: 23_802_675 * 1024 });
});

it('a meminfo without them is unknown', () => {
  expect(memoryOf('MemTotal: many kB\n')).toEqual({ totalBytes: 0, availableBytes: 0 });
});
