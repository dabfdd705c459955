import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseZoneinfo, shortZoneinfo } from '../../src/proc/zoneinfo.js';
import { HostProgram } from '../helpers/host-program.js';

const program = new HostProgram('memory-facts.c', ['kernel/zone-sums.c', 'kernel/memory-facts.c']);
beforeAll(() => program.build());
afterAll(() => program.remove());

function ask(what: string, text: string): string {
  return program.lines([what], text).join('\n');
}

describe('a zoneinfo in short', () => {
  it("says of this machine's what the core makes of the whole text", () => {
    const text = readFileSync('/proc/zoneinfo', 'utf8');
    expect(parseZoneinfo(ask('zones', text))).toEqual(parseZoneinfo(text));
    expect(ask('zones', text).split('\n').toSorted()).toEqual(shortZoneinfo(text).trimEnd().split('\n').toSorted());
  });

  it('takes whole names with one number alone', () => {
    const text =
      '  managed 5\n  managed_more 7\n managed: x\n managed 3 4\n nr_free_pages  2\n  count:   9\ncounts: 8\n';
    expect(ask('zones', text)).toBe('managed 5\nnr_free_pages 2\ncount 9');
    expect(ask('zones', 'MemTotal: 5 kB\n')).toBe('');
  });

  it("a balloon's pages come from vmstat", () => {
    expect(ask('balloon', 'nr_free_pages 1\nballoon_inflate 70\nballoon_deflate 3\nballoon_migrate 2\n')).toBe(
      'balloon_inflate 70\nballoon_deflate 3',
    );
  });
});

describe('the first percpu chunk', () => {
  it.each([
    // Linux 6.18, then with a hashed address (before 5.0 or so), and by the page allocator (percpu_alloc=page).
    ['<6>[    0.105859] percpu: Embedded 53 pages/cpu s185560 r0 d31528 u1048576\n', '53'],
    ['<6>[    0.000000] percpu: Embedded 46 pages/cpu @(____ptrval____) s151552 r8192 d28672 u1048576\n', '46'],
    ['<6>[    0.000000] percpu: 54 4K pages/cpu s176128 r8192 d36864\n', '54'],
    ['<6>a driver: percpu: nothing\n<6>percpu: Embedded 9 pages/cpu s1\n<6>percpu: Embedded 8 pages/cpu s1\n', '9'],
    ['<6>percpu: limit reached\n<6>other 7 pages/cpu\n', '0'],
    ['', '0'],
  ])('of %j', (log, pages) => {
    expect(ask('percpu', log)).toBe(pages);
  });
});
