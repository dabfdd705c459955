import { readFile } from 'node:fs/promises';
import { parseKallsyms, type SymbolTable } from './kallsyms.js';

/** The running kernel's symbols, or those of a saved copy of its /proc/kallsyms. All addresses are hidden from non-root. */
export async function loadKallsyms(path = '/proc/kallsyms'): Promise<SymbolTable> {
  return parseKallsyms(await readFile(path));
}
