/** The next command of a finding: complete, and right for the machine that was looked at. */
import { MIB, type Scene } from './scene.js';

/** Growth that stands out of the noise of any machine, bytes. */
const CLEAR_GROWTH = 64 * MIB;
const SHORTEST_SECONDS = 60;
const LONGEST_SECONDS = 3600;

/**
 * `unfreed record` for what the finding is about. The duration follows from the pace: until 64 MiB have
 * come, at least a minute and at most an hour. Short-lived allocations are left out in the kernel, and
 * the cost is bounded, so that it can run on a machine at work.
 */
export function recordCommand({ now }: Scene, allocator: string, bytesPerHour: number | null): string {
  const seconds =
    bytesPerHour !== null && bytesPerHour > 0
      ? Math.min(LONGEST_SECONDS, Math.max(SHORTEST_SECONDS, Math.round((CLEAR_GROWTH / bytesPerHour) * 3600)))
      : LONGEST_SECONDS;
  const age = seconds >= 600 ? '5s' : '1s';
  return `unfreed record -o ${fileName(now.machine.hostname)} --allocator ${allocator} --min-age ${age} --max-overhead 3% --duration ${durationText(seconds)}`;
}

/** How the recording is read afterwards. */
export function readCommand({ now }: Scene, selection: string): string {
  return `unfreed top ${fileName(now.machine.hostname)} ${selection}`;
}

/** A file name that needs no quotes, of an untrusted host name. */
function fileName(hostname: string): string {
  const plain = hostname
    .replace(/[^A-Za-z0-9_.-]/g, '')
    .replace(/^[-.]+/, '')
    .slice(0, 40);
  return `${plain === '' ? 'machine' : plain}.unfreed`;
}

function durationText(seconds: number): string {
  if (seconds % 3600 === 0) return `${seconds / 3600}h`;
  return seconds >= 120 ? `${Math.round(seconds / 60)}m` : `${seconds}s`;
}

/** A word of a shell: as it is if it is plain, else in single quotes. */
export function shellWord(word: string): string {
  return /^[A-Za-z0-9_.,:/@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
