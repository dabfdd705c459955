/** What a locked-down kernel lets a census do: integrity all, confidentiality nothing. Each state was entered in that order. */

import type { Census } from '../../../src/census/census.js';
import { type CensusCheck, selfChecks } from './compare.js';

/** Names of the looks in guest-init.sh; in the last one /sys/kernel/security is not mounted. */
export const LOCKDOWN_LOOKS = { allowed: 'integrity', refused: ['confidentiality', 'unmounted'] } as const;

/** What a look left behind. */
export interface LookFiles {
  /** Exit status, as the shell printed it. */
  rc: string;
  /** The result; '' = none. */
  json: string;
  /** stderr. */
  said: string;
  /** The state that the kernel showed before it, e.g. 'none integrity [confidentiality]'. */
  state: string;
}

/** Returns what was wrong; empty if the census was refused with one sentence, status 1 and no result. */
export function refusalFailures(name: string, { rc, json, said, state }: LookFiles): string[] {
  const sentence = said.trimEnd();
  return [
    state.includes('[confidentiality]') ? '' : `the kernel is not locked down: ${state.trim()}`,
    rc.trim() === '1' ? '' : `status ${rc.trim()}, and not 1`,
    json === '' ? '' : 'there is a result',
    /^unfreed-collect: [^\n]*lockdown=confidentiality[^\n]*$/.test(sentence) ? '' : `says: ${sentence}`,
  ]
    .filter((failure) => failure !== '')
    .map((failure) => `${name}: ${failure}`);
}

/** With lockdown=integrity a census is whole: the collector's own checks. */
export function integrityChecks(census: Census): CensusCheck[] {
  return selfChecks(census).map((check) => ({ ...check, asked: `${check.asked}, locked down` }));
}
