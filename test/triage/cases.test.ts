/** Every published hunt is read, and its figures arrive in the facts that rules judge. */
import { describe, expect, it } from 'vitest';
import { ACCOUNT_TERMS, type AccountTerm } from '../../src/proc/memory-account.js';
import type { Facts } from '../../src/triage/facts.js';
import { gatherFacts } from '../../src/triage/gather-facts.js';
import { looksOfCase, TRIAGE_CASES, type TriageCase } from '../helpers/triage-cases.js';

function term(facts: Facts, name: AccountTerm): number {
  return facts.account?.terms[ACCOUNT_TERMS.indexOf(name)] ?? 0;
}

function sum<T>(list: readonly T[] | null, of: (each: T) => number): number {
  return (list ?? []).reduce((total, each) => total + of(each), 0);
}

/** What the facts say of the amount that a case is about, by its first rule. */
const AMOUNTS: Record<string, (facts: Facts, expected: TriageCase) => number> = {
  R3: (facts) => facts.account?.unaccountedBytes ?? 0,
  R4: (facts) => facts.account?.heldByReferenceBytes ?? 0,
  R5: (facts) =>
    sum(facts.caches, ({ name, slabs, pagesPerSlab }) =>
      /^(?:dentry|ext4_inode_cache|radix_tree_node)$/.test(name) ? 0 : slabs * pagesPerSlab * facts.machine.pageSize,
    ),
  R6: (facts) => (facts.meminfo?.get('SReclaimable') ?? 0) * 1024,
  R7: (facts) => sum(facts.areas, ({ pagesBytes }) => pagesBytes),
  R8: (facts) => (facts.meminfo?.get('Percpu') ?? 0) * 1024,
  R9: (facts) => term(facts, 'PageTables'),
  R11: (facts) => term(facts, 'Shmem'),
  R13: (facts) => Math.max(...(facts.processes ?? []).map(({ rssAnon }) => rssAnon)),
  R14: (facts) => (facts.sockstat?.get('tcp pages') ?? 0) * facts.machine.pageSize,
  R17: (facts) => Math.min(...(facts.cgroups ?? []).map(({ current, max }) => (max === null ? Infinity : current))),
  R21: (facts) => term(facts, 'balloon'),
  GPU: (facts) => term(facts, 'GPUActive'),
};

describe('a published hunt', () => {
  it('is there 34 times', () => {
    expect(TRIAGE_CASES.map((each) => each.case)).toEqual(Array.from({ length: 34 }, (_, at) => at + 1));
    expect(TRIAGE_CASES.filter(({ holder }) => holder !== null)).toHaveLength(16);
  });

  it.each(TRIAGE_CASES)('$name has its figures in the facts', async (expected) => {
    const looks = await looksOfCase(expected);
    expect(looks).toHaveLength(expected.looks.length);
    for (const look of looks) {
      const facts = gatherFacts(look);
      expect(facts.machine.kernel).toMatch(/^\d\.\d/);
      expect(facts.account).not.toBeNull();
      if (expected.bytes === null) continue;
      const found = AMOUNTS[expected.rules[0]](facts, expected) / expected.bytes;
      // Others hold something of it too.
      expect(found).toBeGreaterThan(0.95);
      expect(found).toBeLessThan(1.4);
    }
  });

  it.each(TRIAGE_CASES.filter(({ holder, hint }) => holder !== null || hint !== null))(
    '$name has the name of its holder in the facts',
    async ({ holder, hint, name, ...rest }) => {
      const looks = await looksOfCase({ holder, hint, name, ...rest });
      const text = JSON.stringify(looks.map((look) => [gatherFacts(look), look.texts.get('proc/modules') ?? '']));
      // A balloon has no name of its own.
      if (rest.rules[0] !== 'R21') expect(text).toContain(holder ?? hint);
    },
  );

  it('that ran out of its address space grows by the stacks', async () => {
    const [before, after] = (await looksOfCase(TRIAGE_CASES[30])).map(gatherFacts);
    const sizes = [before, after].map(({ processes }) => processes?.find(({ pid }) => pid === 4100)?.virtual ?? 0);
    expect(sizes).toEqual([9 * 2 ** 30, 71 * 2 ** 30]);
    expect((after.timeMs ?? 0) - (before.timeMs ?? 0)).toBe(7_200_000);
  });
});
