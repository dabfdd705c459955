/**
 * The first chunk of percpu memory, which memblock gave at boot: Percpu counts it, MemTotal does not
 * (mm/percpu.c, pcpu_setup_first_chunk). It takes this many pages for each possible CPU:
 *
 *    percpu: Embedded 53 pages/cpu s185560 r0 d31528 u1048576         in the kernel's log
 *    static_size : 185560, reserved_size : 0, dyn_size : 31528        in debugfs, percpu_stats
 */
import { oneNumber } from './counters.js';

const LINE = /percpu: (?:Embedded )?(\d{1,7}) (?:\d{1,7}[KM]? )?pages\/cpu /;

/** Returns its bytes over all CPUs; 0 if the look does not tell. */
export function percpuFirstChunk(texts: ReadonlyMap<string, string>, pageSize: number, cpus: number): number {
  const log = texts.get('log/kernel') ?? '';
  const units = Number(/\bnr_cpu_ids:(\d{1,5})\b/.exec(log)?.[1] ?? 0) || possibleCpus(texts) || cpus;
  const logged = LINE.exec(log);
  if (logged !== null) return Number(logged[1]) * pageSize * units;
  const stats = (texts.get('sys/kernel/debug/percpu_stats') ?? '').slice(0, 4096);
  const sizes = ['static', 'reserved', 'dyn'].map((name) =>
    oneNumber(new RegExp(`^ +${name}_size +: +(\\d{1,12})$`, 'm').exec(stats)?.[1]),
  );
  const bytes = sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  return Math.floor(bytes / pageSize) * pageSize * units;
}

/** Returns the number of CPUs in 'sys/devices/system/cpu/possible', "0-63"; 0 = not known. */
function possibleCpus(texts: ReadonlyMap<string, string>): number {
  const match = /^(?:0-)?(\d{1,5})\s*$/.exec(texts.get('sys/devices/system/cpu/possible') ?? '');
  return match === null ? 0 : Number(match[1]) + 1;
}
