/**
 * What tools of procps print of the machine's memory, as texts of /proc/meminfo with the lines that they have:
 * free, the head of top -b, vmstat -s. Source: procps-ng, free.c, top.c, vmstat.c.
 */

const UNITS: Readonly<Record<string, number>> = { B: 1 / 1024, K: 1, M: 2 ** 10, G: 2 ** 20, T: 2 ** 30, P: 2 ** 40 };

/** Returns an amount in KiB; `unit`: of a number without one, KiB. Null if it is none. */
function kibOf(cell: string | undefined, unit = 1): number | null {
  const match = /^(\d{1,15}(?:[.,]\d{1,3})?)(?:([BKMGTP])i?B?|k)?$/.exec(cell ?? '');
  if (match === null) return null;
  const times = match[2] === undefined ? (cell?.endsWith('k') === true ? 1 : unit) : UNITS[match[2]];
  return Number(match[1].replace(',', '.')) * times;
}

function meminfoOf(lines: readonly (readonly [name: string, kib: number | null | undefined])[]): string | null {
  const known = lines.filter((line): line is readonly [string, number] => typeof line[1] === 'number');
  if (!known.some(([name, kib]) => name === 'MemTotal' && kib > 0)) return null;
  return known.map(([name, kib]) => `${name}: ${Math.round(kib)} kB\n`).join('');
}

/** "Mem: 24684084 1565152 20879220 8872 2574716 23118932" in KiB, in MiB of free -m, with units of free -h. */
export function meminfoOfFree(text: string, commandLine: string): string | null {
  const row = /^Mem: +(\S.{0,200})$/m.exec(text)?.[1].trim().split(/ +/) ?? [];
  if (/ -\w*[bg]/.test(commandLine)) return null;
  const plain = Number(row[0]);
  const unit = / -\w*m/.test(commandLine) || plain < 65_536 ? 1024 : 1;
  const cell = (at: number): number | null => kibOf(row.at(at), unit);
  const swap = /^Swap: +(\S.{0,100})$/m.exec(text)?.[1].trim().split(/ +/) ?? [];
  if (row.length < 5) return null;
  return meminfoOf([
    ['MemTotal', cell(0)],
    ['MemFree', cell(2)],
    ['MemAvailable', /\bavailable *$/m.test(text) ? cell(5) : null],
    ['Cached', cell(4)],
    ['Shmem', cell(3)],
    ['SwapTotal', kibOf(swap[0], unit)],
    ['SwapFree', kibOf(swap[2], unit)],
  ]);
}

/** Returns the amount before a word of top's head. */
function amountBefore({ words, unit }: { words: string; unit: number }, what: string): number | null {
  return kibOf(new RegExp(`(?:^|[ ,])([\\d.]{1,18}[kmg]?)[ +]${what}`).exec(words)?.[1], unit);
}

/**
 * "MiB Mem :  24105.6 total,  17098.1 free,   1564.6 used,   5796.2 buff/cache", and of old ones
 * "Mem:  16777216k total,  9000k used, 7000k free, 100k buffers".
 */
export function meminfoOfTop(text: string): string | null {
  const head = text.slice(0, 4096);
  const rowOf = (name: string): { words: string; unit: number } => {
    const row = new RegExp(`^(?:([KMGTP])iB )?${name} ?: *(.{0,200})$`, 'm').exec(head);
    return { words: row?.[2] ?? '', unit: UNITS[row?.[1] ?? 'K'] };
  };
  const memory = rowOf('Mem');
  const swap = rowOf('Swap');
  return meminfoOf([
    ['MemTotal', amountBefore(memory, 'total')],
    ['MemFree', amountBefore(memory, 'free')],
    ['MemAvailable', amountBefore(swap, 'avail')],
    ['Buffers', amountBefore(memory, 'buffers')],
    ['Cached', amountBefore(memory, 'buff/cache') ?? amountBefore(swap, 'cached')],
    ['SwapTotal', amountBefore(swap, 'total')],
    ['SwapFree', amountBefore(swap, 'free')],
  ]);
}

/** "     24684084 K total memory"; its "swap cache" is Cached and SReclaimable. */
export function meminfoOfVmstat(text: string): string | null {
  const of = (what: string): number | null =>
    kibOf(new RegExp(`^ *(\\d{1,15}) +[kKMm] ${what}$`, 'm').exec(text.slice(0, 8192))?.[1], 1);
  return meminfoOf([
    ['MemTotal', of('total memory')],
    ['MemFree', of('free memory')],
    ['Buffers', of('buffer memory')],
    ['Cached', of('swap cache')],
    ['SwapTotal', of('total swap')],
    ['SwapFree', of('free swap')],
  ]);
}
