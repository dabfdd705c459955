/** The published hunts, judged: how many items, and how many holders, the first five findings name. */
import { describe, expect, it } from 'vitest';
import { triageOf } from '../../src/session/look/triage-looks.js';
import type { TriageFinding } from '../../src/triage/report.js';
import { looksOfCase, TRIAGE_CASES, type TriageCase } from '../helpers/triage-cases.js';

/** Others hold something of the same item too. */
const NEAR = 0.25;
const SHOWN = 5;

function isOfCase(finding: TriageFinding, { rules, bytes }: TriageCase): boolean {
  const isRule = rules.includes(finding.rule) || (rules.includes('GPU') && finding.rule === 'R21');
  return isRule && (bytes === null || finding.bytes === null || Math.abs(finding.bytes / bytes - 1) < NEAR);
}

async function placeIn(hunt: TriageCase): Promise<{ place: number; finding: TriageFinding | undefined }> {
  const { findings } = triageOf(await looksOfCase(hunt));
  const shown = findings.filter(({ severity }) => severity !== 'fine').slice(0, SHOWN);
  const place = shown.findIndex((finding) => isOfCase(finding, hunt));
  return { place, finding: shown[place] };
}

describe('triage of a published hunt', () => {
  it.each(TRIAGE_CASES)('$name names the item', async (hunt) => {
    const { finding } = await placeIn(hunt);
    expect(finding).toBeDefined();
    expect(finding?.next.length).toBeGreaterThan(0);
  });

  it.each(TRIAGE_CASES.filter(({ holder }) => holder !== null))('$name names the holder', async (hunt) => {
    const { finding } = await placeIn(hunt);
    const said = [finding?.text, ...(finding?.holders ?? []).map(({ name }) => name)].join('\n');
    expect(said).toContain(hunt.holder);
  });

  it('has the item first in 29 of 34', async () => {
    const places = await Promise.all(TRIAGE_CASES.map(async (hunt) => (await placeIn(hunt)).place));
    expect(places.filter((place) => place === 0).length).toBeGreaterThanOrEqual(29);
  });
});
