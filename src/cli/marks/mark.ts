/** `unfreed mark`: writes a mark into the trace of this user that runs on this machine. */
import { UserError } from '../../base/errors.js';
import { safeText } from '../../base/safe-text.js';
import { markReceivers, markText, sendMark } from '../../session/live/mark-socket.js';
import type { MarkFlags } from '../options/flags.js';

export async function runMark(text: string, { pid }: MarkFlags): Promise<void> {
  if (markText(text) === '') throw new UserError('a mark needs a text', ['unfreed mark "deploy 42"'], { usage: true });
  const all = await markReceivers();
  const receivers = pid === undefined ? all : all.filter((each) => each.pid === pid);
  const [receiver, another] = receivers;
  if (receiver === undefined) throw nobody(pid, all);
  if (another !== undefined) {
    const pids = receivers.map((each) => each.pid).join(', ');
    throw new UserError(`${receivers.length} traces run: ${pids}`, [`Say which: --pid ${receiver.pid}`], {
      usage: true,
    });
  }
  const seconds = await sendMark(receiver, text);
  if (seconds === null) throw new UserError(`the trace of process ${receiver.pid} took no mark: it has just ended`);
  process.stdout.write(`marked at ${seconds} s of the trace of process ${receiver.pid}: ${safeText(markText(text))}\n`);
}

function nobody(pid: number | undefined, all: readonly { pid: number }[]): UserError {
  if (pid !== undefined && all.length > 0) {
    return new UserError(`process ${pid} takes no marks`, [`${all.map((each) => each.pid).join(', ')} does.`]);
  }
  return new UserError('no trace of this user runs on this machine', [
    'unfreed record and unfreed live take marks while they trace; those of root take the marks of root alone.',
  ]);
}
