/** Boots a guest whose loads and module hold memory of known size, has the census look, and compares. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Census } from '../../../src/census/census.js';
import { parseCensus } from '../../../src/census/parse-census.js';
import type { Apt } from '../apt.js';
import { type Accelerator, runGuest } from '../boot.js';
import { buildModules } from '../build-modules.js';
import { writeInitrd } from '../initrd.js';
import type { GuestKernel } from '../kernels.js';
import { say, sh } from '../shell.js';
import {
  type CensusCheck,
  compareClass,
  compareHolder,
  compareOrphans,
  compareOwner,
  compareTypes,
  selfChecks,
} from './compare.js';
import { LOADS, loadList } from './loads.js';
import { integrityChecks, LOCKDOWN_LOOKS, type LookFiles, refusalFailures } from './lockdown.js';
import type { CensusResult } from './results.js';
import { type Held, parseHeld, parsePlanted } from './truth.js';

const FOLDER = 'test/guest/census';
const LOAD_SOURCES = 'scripts/loads';
const PROGRAMS = ['plant', 'hold-pipes', 'hold-unmapped', 'hold-sockets'];
/** Looks with all stages take a minute each under emulation. */
const TIMEOUT_MS = 900_000;

export interface CensusGuest {
  kernel: GuestKernel;
  initrd: string;
  /** Folder for the results. */
  out: string;
  /** More options of the collector. */
  options: string;
  /** The kernel unpacks itself, to addresses by chance. */
  hasKaslr: boolean;
}

/** Returns the path of an initramfs that runs guest-init.sh of this folder. */
export function makeCensusInitrd(
  apt: Apt,
  kernel: GuestKernel,
  { cache, collector, busybox }: { cache: string; collector: string; busybox: string },
): string {
  const programs = join(cache, 'loads');
  sh('make', ['-s', '-C', LOAD_SOURCES, `BUILD=${programs}`, 'CFLAGS=-O2 -static']);
  const path = join(kernel.folder, 'initrd-census');
  writeInitrd(path, {
    init: join(FOLDER, 'guest-init.sh'),
    busybox,
    collector,
    programs: PROGRAMS.map((name) => join(programs, name)),
    kernelModules: kernel.modules,
    testModules: buildModules(apt, kernel, resolve(FOLDER, 'modules'), cache),
    texts: { loads: loadList() },
  });
  return path;
}

export async function testCensus(
  { kernel, initrd, out, options, hasKaslr }: CensusGuest,
  accelerator: Accelerator,
): Promise<CensusResult> {
  say(`starting Linux ${kernel.release} (${accelerator}), census; its log: ${out}/console`);
  const { ending, finished } = await runGuest(
    {
      vmlinux: hasKaslr ? kernel.image : kernel.vmlinux,
      initrd,
      out,
      collectorOptions: options,
      hasWitness: false,
      hasFewerRights: false,
    },
    accelerator,
    TIMEOUT_MS,
  );
  const result: CensusResult = {
    series: kernel.series,
    release: kernel.release,
    hasKaslr,
    accelerator,
    seconds: ending.seconds,
    looks: [],
    failures: [],
    notes: [],
  };
  if (!finished) {
    result.failures.push(`the guest came to no end, twice: ${out}/console`);
    return result;
  }
  compareGuest(result, out);
  return result;
}

/** Compares the results in a folder; adds to `result`. */
export function compareGuest(result: CensusResult, out: string): void {
  const helds = new Map<string, Held>();
  const reparents = textOf(out, 'reparents') !== '';
  let before = readLook(result, out, 'before');
  for (const load of LOADS) {
    const held = parseHeld(textOf(out, `${load.name}.held`));
    if (held === null) {
      const said = textOf(out, `${load.name}.load`).trim();
      result.failures.push(`${load.name}: nothing is held${said === '' ? '' : `: ${said}`}`);
      continue;
    }
    helds.set(load.name, held);
    const after = readLook(result, out, load.name);
    if (before !== null && after !== null) {
      add(result, load.name, compareClass(load, held, before, after));
      add(result, load.name, compareOwner(load, held, { before, after, reparents }));
    }
    before = after;
  }
  for (const look of ['idle', 'busy']) compareAll(result, out, look, helds);
  const { allowed, refused } = LOCKDOWN_LOOKS;
  const locked = readLook(result, out, allowed);
  if (locked !== null) add(result, allowed, integrityChecks(locked));
  if (!textOf(out, `${allowed}.state`).includes('[integrity]'))
    result.failures.push('lockdown=integrity is not in force');
  const refusals = refused.flatMap((name) => refusalFailures(name, filesOf(out, name)));
  if (refusals.length === 0) result.notes.push(`lockdown=confidentiality: ${textOf(out, `${refused[0]}.said`).trim()}`);
  result.failures.push(...refusals);
  const expected = new RegExp(`^GUEST (?:booted|look (?:${refused.join('|')}) rc 1|look \\w+ rc 0)`);
  for (const line of textOf(out, 'console').split('\n')) {
    if ((line.startsWith('GUEST ') && !expected.test(line)) || /\b(?:BUG|WARNING|Oops|Call Trace)\b/.test(line)) {
      result.failures.push(line.trim());
    }
  }
}

/** A look with all stages. */
function compareAll(result: CensusResult, out: string, look: string, helds: ReadonlyMap<string, Held>): void {
  const census = readLook(result, out, look);
  if (census === null) return;
  for (const load of LOADS) {
    const held = helds.get(load.name);
    if (held === undefined) continue;
    add(result, look, compareHolder(load, held, census));
    if (load.class === null) add(result, look, [compareTypes(load, held, census, /eventpoll/)]);
  }
  const planted = parsePlanted(textOf(out, 'truth'));
  if (planted.length === 0) result.failures.push(`the module said nothing: ${out}/console`);
  if (census.orphans === null) result.failures.push(`${look}: the stage orphans did not run`);
  else add(result, look, compareOrphans(planted, census.orphans.rows));
  // Beside work the kernel's counts are older than ours.
  if (look === 'idle') add(result, look, selfChecks(census));
  const { wallNs, cpuNs } = census;
  result.notes.push(`${look}: ${(wallNs / 1e9).toFixed(1)} s, ${(cpuNs / 1e9).toFixed(1)} s of CPU time`);
}

/** Returns null, with a failure added, if the collector did not give a census. */
function readLook(result: CensusResult, out: string, look: string): Census | null {
  const census = parseCensus(textOf(out, `${look}.json`));
  if (census === null) {
    const said = textOf(out, `${look}.said`).trim().split('\n').at(-1) ?? '';
    result.failures.push(`${look}: no census: ${said}`);
    return null;
  }
  for (const { stage, what } of census.missing) {
    const failure = `stage ${stage} is missing: ${what}`;
    if (!result.failures.includes(failure)) result.failures.push(failure);
  }
  return census;
}

function add(result: CensusResult, look: string, checks: CensusCheck[]): void {
  result.looks.push(...checks.map((check) => ({ look, check })));
}

function filesOf(out: string, look: string): LookFiles {
  return {
    rc: textOf(out, `${look}.rc`),
    json: textOf(out, `${look}.json`),
    said: textOf(out, `${look}.said`),
    state: textOf(out, `${look}.state`),
  };
}

function textOf(out: string, name: string): string {
  const path = join(out, name);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
