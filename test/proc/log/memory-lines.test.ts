import { describe, expect, it } from 'vitest';
import { memoryLines } from '../../../src/proc/log/memory-lines.js';

const OTHER = '[    1.000000] usb 1-1: new device\n';

describe('memoryLines()', () => {
  it('keeps what is about memory', () => {
    const log = `[    0.105859] percpu: Embedded 53 pages/cpu s185560\n${OTHER}[    2.000000] hv_balloon: ready\n`;
    expect(memoryLines(log)).toBe(
      '[    0.105859] percpu: Embedded 53 pages/cpu s185560\n[    2.000000] hv_balloon: ready\n',
    );
    expect(memoryLines(OTHER)).toBe('');
  });

  it('keeps a report whole, and what follows the kill, until another message', () => {
    const report = `[  9.0] java invoked oom-killer: gfp_mask=0x0(), order=0
[  9.0] Call Trace:
[  9.0]  dump_header+0x43/0x1aa
[  9.0] Tasks state:
[  9.0] [    123]     0   123
[  9.0] Out of memory: Killed process 123 (java) total-vm:1kB
[  9.0] Memory allocations:
[  9.0]     48.2 MiB    12345 mm/memory.c:1052 func:folio_prealloc
`;
    expect(memoryLines(OTHER + report + OTHER.repeat(50))).toBe(report + OTHER);
  });

  it('keeps the newest MiB, from a line on', () => {
    const lines = Array.from({ length: 40_000 }, (_, index) => `[ ${index}.0] oom_reaper: reaped ${index}`);
    const kept = memoryLines(lines.join('\n'));
    expect(kept.length).toBeLessThanOrEqual(1 << 20);
    expect(kept.length).toBeGreaterThan((1 << 20) - 100);
    expect(kept).toMatch(/^\[ \d+\.0\] oom_reaper/);
    expect(kept.endsWith('reaped 39999\n')).toBe(true);
  });
});
