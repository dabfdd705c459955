/** Names for the files that the screen writes: with host and second, and never the name of an existing file. */
import { existsSync } from 'node:fs';

const NAME_LIMIT = 64;
const TRIES = 100;

/**
 * 'unfreed-HOST-20261121T141523Z' with an ending such as '.unfreed'; with '-2', '-3' and so on before it where that file
 * exists. The last try, '-100', is returned unchecked.
 */
export function unusedFileName(hostname: string, unixMs: number, ending: string): string {
  const host = hostname.replace(/[^\w.-]+/g, '_').slice(0, NAME_LIMIT);
  const time = new Date(unixMs).toISOString().replace(/[-:]|\.\d+/g, '');
  const stem = `unfreed-${host === '' ? 'unknown' : host}-${time}`;
  for (let number = 2; number < TRIES; number++) {
    const name = number === 2 ? `${stem}${ending}` : `${stem}-${number - 1}${ending}`;
    if (!existsSync(name)) return name;
  }
  return `${stem}-${TRIES}${ending}`;
}
