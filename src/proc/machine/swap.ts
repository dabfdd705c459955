/** Swap devices, and memory that zram takes. */
import { unescapePath } from '../escaped-path.js';
import { numbers } from './counters.js';

export interface SwapFacts {
  device: string;
  size: number;
  used: number;
}

/** zram: device, data as stored, memory it takes. */
export interface ZramFacts {
  device: string;
  originalBytes: number;
  memoryBytes: number;
}

/**
 * Returns the devices of /proc/swaps, in bytes; null if the text is not one. Blanks in a name stand
 * as \040 (mm/swapfile.c, seq_file_path), and a name ends with "\040(deleted)" if its file is gone.
 *
 *    Filename				Type		Size		Used		Priority
 *    /dev/sda2                               partition	1048572		0		-2
 */
export function parseSwaps(text: string): SwapFacts[] | null {
  if (!text.startsWith('Filename')) return null;
  const swaps: SwapFacts[] = [];
  for (const line of text.slice(0, 262_144).split('\n', 512).slice(1)) {
    if (line.length > 4352) continue;
    const [name, , size, used] = line.trim().split(/\s+/, 5);
    if (/^\d{1,13}$/.test(size ?? '') && /^\d{1,13}$/.test(used ?? '')) {
      swaps.push({ device: unescapePath(name), size: Number(size) * 1024, used: Number(used) * 1024 });
    }
  }
  return swaps;
}

/** Returns what mm_stat of a zram device says (4.1); null if the text is not one, or the device is not set up. */
export function parseZram(device: string, text: string): ZramFacts | null {
  const [originalBytes, , memoryBytes] = numbers(text);
  return memoryBytes === undefined ? null : { device, originalBytes, memoryBytes };
}
