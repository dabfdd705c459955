/** Stacks whose frames no line holds. */
import { expect, it } from 'vitest';
import { importText } from '../../helpers/text-import.js';

it('a stack whose frames are not printed does not take the place of the call site', () => {
  const task = '              sh-7       [000] .....     7.000001: ';
  const { events, decoder } = importText(
    'trace-cmd',
    `${task}kmalloc:              call_site=f+0x1 ptr=0xffff888010000000 bytes_req=60 bytes_alloc=64 gfp_flags=0xcc0\n` +
      `${task}kernel_stack:         size=2 caller=ARRAY[be, c1, 5c, 81, ff, ff, ff, ff]\n` +
      `${task}kfree:                call_site=g+0x1 ptr=0xffff888020000000\n`,
  );
  expect(events[0]).toContain('< f+0x1');
  expect(decoder.stats.sawStack).toBe(false);
});
