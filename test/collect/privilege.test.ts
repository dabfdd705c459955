import { describe, expect, it } from 'vitest';
import { judgeRights, mayLoadPrograms, type Rights, rightsOfChild } from '../../src/collect/privilege.js';

/** Lines of a /proc/PID/status: a shell of root's under `setpriv --bounding-set=-all,+bpf,+perfmon,+syslog`. */
const ROOT_WITH_THREE = `Name:\tcat
Uid:\t0\t0\t0\t0
CapInh:\t0000000000000000
CapPrm:\t000000c400000000
CapEff:\t000000c400000000
CapBnd:\t000000c400000000
CapAmb:\t0000000000000000
`;
/** A user's, with ambient BPF and PERFMON, in a bounding set of all. */
const USER_WITH_TWO = `Name:\tcat
Uid:\t1000\t65534\t65534\t65534
CapInh:\t000000c000000000
CapPrm:\t000000c000000000
CapEff:\t000000c000000000
CapBnd:\t000001ffffffffff
CapAmb:\t000000c000000000
`;

describe('the rights of a program that is started', () => {
  it("root's are those of the bounding set", () => {
    expect(rightsOfChild(ROOT_WITH_THREE, true)).toEqual({ uid: 0, capabilities: ['SYSLOG', 'PERFMON', 'BPF'] });
    expect(rightsOfChild(ROOT_WITH_THREE, false)).toEqual(rightsOfChild(ROOT_WITH_THREE, true));
  });

  it("a user's are the ambient ones, under the effective uid", () => {
    expect(rightsOfChild(USER_WITH_TWO, false)).toEqual({ uid: 65_534, capabilities: ['PERFMON', 'BPF'] });
  });

  it('with sudo they are those of root', () => {
    const { uid, capabilities } = rightsOfChild(USER_WITH_TWO, true);
    expect(uid).toBe(0);
    expect(capabilities).toContain('SYS_ADMIN');
  });

  it('of a text that is not one, there are none', () => {
    expect(rightsOfChild('', false)).toEqual({ uid: -1, capabilities: [] });
  });
});

const judged = (uid: number, ...capabilities: Rights['capabilities']) => judgeRights({ uid, capabilities });

describe('what rights allow', () => {
  it.each<[string, Rights, boolean]>([
    ['BPF and PERFMON', { uid: 1000, capabilities: ['BPF', 'PERFMON'] }, true],
    ['SYS_ADMIN alone stands for both', { uid: 1000, capabilities: ['SYS_ADMIN'] }, true],
    ['BPF alone', { uid: 0, capabilities: ['BPF'] }, false],
    ['root without capabilities', { uid: 0, capabilities: [] }, false],
  ])('%s', (_, rights, may) => expect(mayLoadPrograms(rights)).toBe(may));

  it('uid 0 with BPF, PERFMON and SYSLOG lacks nothing', () => {
    expect(judged(0, 'SYSLOG', 'PERFMON', 'BPF')).toMatchObject({ whole: true, advice: '' });
  });

  it('a user lacks slabinfo only', () => {
    const { whole, gives, advice } = judged(1000, 'SYSLOG', 'PERFMON', 'BPF');
    expect(whole).toBe(false);
    expect(gives).toContain('slabinfo');
    expect(gives).not.toContain('names');
    expect(advice).toBe('give it DAC_READ_SEARCH too');
    expect(judged(1000, 'DAC_READ_SEARCH', 'SYSLOG', 'PERFMON', 'BPF').whole).toBe(true);
  });

  it('SYS_ADMIN alone gives no names', () => {
    expect(judged(0, 'SYS_ADMIN')).toMatchObject({ whole: false, advice: 'give it SYSLOG too' });
  });

  it('without any, nothing', () => {
    expect(judged(0).gives).toBe('uid 0 with no capability that helps: no BPF program can be loaded');
  });
});
