/** 'table/bpf': maps and programs, of open descriptors, and all others where bpftool can be asked. */
import { execa } from 'execa';
import { type BpfRow, parseBpftool } from '../../proc/machine/bpftool.js';
import type { LookBuilder } from './look-builder.js';
import type { OpenFiles } from './open-files.js';

const TIMEOUT_MS = 2000;

export async function tellBpf(look: LookBuilder, open: OpenFiles['bpf'], tools: boolean): Promise<void> {
  const rows = new Map<string, BpfRow>();
  for (const kind of ['map', 'program'] as const) {
    for (const row of tools ? await askBpftool(look, kind) : []) rows.set(`${kind} ${row.id}`, row);
  }
  for (const [key, object] of open) {
    const known = rows.get(key);
    // bpftool has the name; who has it open, it tells only where it can load a program to find out.
    if (known !== undefined) Object.assign(known, known.pid === 0 ? { pid: object.pid, processName: object.name } : {});
    else rows.set(key, { ...object, name: '', pid: object.pid, processName: object.name });
  }
  look.table(
    'table/bpf',
    [...rows.values()].map((each) => [
      each.kind,
      each.id,
      each.type,
      each.name,
      each.bytes,
      each.pid,
      each.processName,
    ]),
  );
}

async function askBpftool(look: LookBuilder, kind: 'map' | 'program'): Promise<BpfRow[]> {
  const env = { PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` };
  const args = ['-j', kind === 'map' ? 'map' : 'prog', 'show'];
  const result = await execa('bpftool', args, { reject: false, stdin: 'ignore', timeout: TIMEOUT_MS, env });
  if (result.exitCode !== 0) {
    look.miss('BPF maps that no process has open', result.exitCode === undefined ? 'no bpftool' : 'bpftool failed');
    return [];
  }
  return parseBpftool(result.stdout, kind);
}
