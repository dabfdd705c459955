import { expect, it } from 'vitest';
import { freedBy, freeSentence } from '../../../src/rank/answer/free-words.js';
import type { TypicalFree } from '../../../src/rank/report/free-sites.js';

function free(part: Partial<TypicalFree>): TypicalFree {
  return {
    samples: 400,
    function: 'sock_release',
    module: null,
    share: 0.97,
    afterGracePeriod: false,
    otherFunctions: [{ function: 'sk_free', share: 0.03 }],
    medianNs: { from: 1 << 19, to: 1 << 20 },
    withinNs: 1 << 21,
    otherCpuShare: 0.1,
    heldLonger: 900,
    sites: [],
    ...part,
  };
}

it.each([
  [{}, 'usually freed by sock_release within 2.10ms; these 900 never'],
  [{ heldLonger: 0 }, 'usually freed by sock_release within 2.10ms'],
  [
    { module: 'uvc', afterGracePeriod: true },
    'usually freed by sock_release [uvc] after a grace period within 2.10ms; these 900 never',
  ],
  [{ otherCpuShare: 0.8 }, 'usually freed by sock_release on another CPU within 2.10ms; these 900 never'],
  [
    { function: null, afterGracePeriod: true },
    'usually freed by RCU after a grace period within 2.10ms; these 900 never',
  ],
  [{ function: null }, 'usually freed by the allocator itself within 2.10ms; these 900 never'],
  [
    { share: 0.3, heldLonger: 0, otherFunctions: [{ function: 'sk_free', share: 0.2 }] },
    'freed by sock_release (30%), sk_free (20%) and others, within 2.10ms',
  ],
  [{ samples: 4, share: 0.75 }, 'freed by sock_release in 3 of 4 frees seen, within 2.10ms; these 900 never'],
  [{ samples: 1, share: 1, heldLonger: 0 }, 'freed by sock_release in the one free seen, within 2.10ms'],
])('%j', (part, sentence) => {
  expect(freeSentence(free(part))).toBe(sentence);
});

it('names a call path of frees without the sample', () => {
  expect(freedBy(free({ module: 'uvc', otherCpuShare: null }))).toBe('sock_release [uvc]');
});
