import { describe, expect, it } from 'vitest';
import { keptLook } from '../../../src/proc/kept-look.js';
import { LookLimits } from '../../../src/session/look/look-limits.js';
import { type LookParts, lookAt } from '../../helpers/look.js';
import { cgroup } from '../../helpers/rule-cases.js';

const look = (parts: LookParts) => keptLook(lookAt(parts));
const FILES = { 'proc/sys/fs/file-nr': '50\t0\t100\n' };
const TRACKED = {
  'proc/sys/net/netfilter/nf_conntrack_count': '9\n',
  'proc/sys/net/netfilter/nf_conntrack_max': '10\n',
};

describe('LookLimits', () => {
  it('has the gauges of the newest look, with its time', () => {
    const limits = new LookLimits();
    const first = look({ timeMs: 1000, texts: FILES });
    const last = look({ timeMs: 2000, texts: { 'proc/sys/fs/file-nr': '70\t0\t100\n' } });
    expect(limits.of([])).toBeNull();
    expect(limits.of([first])).toMatchObject({ timeMs: 1000, gauges: [{ used: 50, readMs: null }] });
    const looks = [first, last];
    expect(limits.of(looks)).toMatchObject({ timeMs: 2000, gauges: [{ used: 70, readMs: null }] });
    expect(limits.of(looks)).toBe(limits.of(looks));
  });

  it("has the machine's own limits that the newest left out from the look before, with their time; no cgroup that is gone", () => {
    const rows = [cgroup('/gone', { current: 99, max: 100 })];
    const first = look({ timeMs: 1000, texts: { ...FILES, ...TRACKED }, tables: { 'table/cgroups': rows } });
    const last = look({ timeMs: 2000, texts: FILES });
    expect(new LookLimits().of([first, last])).toMatchObject({
      timeMs: 2000,
      gauges: [
        { name: 'nf_conntrack', used: 9, near: true, readMs: 1000 },
        { name: 'file-max', used: 50, readMs: null },
      ],
    });
  });

  it('is null where no look has a gauge', () => {
    expect(new LookLimits().of([look({ timeMs: 1000 })])).toBeNull();
  });
});
