/** Rings of network cards (ethtool -g, -l, -i) and BPF maps and programs (bpftool) of a bundle. */
import { tableText } from '../../proc/look-tables.js';
import type { NamedTexts } from './members.js';

/** What a descriptor's buffer takes at the least: half a page at an MTU of 1,500. */
const BUFFER_BYTES = 2048;

/** Returns the text of table/rings; null if the bundle has no ring sizes. */
export function ringTable(texts: NamedTexts): string | null {
  const rows: (string | number | null)[][] = [];
  for (const { name, text } of texts.startingWith('command/ethtool -g ')) {
    const device = name.slice('command/ethtool -g '.length);
    const of = (option: string): string => texts.get(`command/ethtool -${option} ${device}`) ?? '';
    const current = text.slice(text.indexOf('Current hardware settings:'));
    const descriptors = Number(/^RX:\s+(\d{1,7})$/m.exec(current)?.[1] ?? 0);
    if (descriptors === 0) continue;
    const channels = of('l').slice(of('l').indexOf('Current hardware settings:'));
    const rx = Number(/^RX:\s+(\d{1,5})$/m.exec(channels)?.[1] ?? 0);
    const queues = rx + Number(/^Combined:\s+(\d{1,5})$/m.exec(channels)?.[1] ?? 0) || 1;
    const driver = /^driver: (\S{1,64})$/m.exec(of('i'))?.[1] ?? '';
    rows.push([device, driver, queues, descriptors, queues * descriptors * BUFFER_BYTES]);
  }
  return rows.length === 0 ? null : tableText('table/rings', rows);
}

/** Returns the text of table/bpf; null if the bundle has no list of bpftool. */
export function bpfTable(texts: NamedTexts): string | null {
  const rows = new Map<string, (string | number | null)[]>();
  for (const { name, text } of texts.command('bpftool')) {
    const kind = name.includes(' map') ? 'map' : 'prog';
    for (const row of text.trimStart().startsWith('[') ? jsonRows(kind, text) : textRows(kind, text)) {
      const key = `${kind} ${row[1]}`;
      if (!rows.has(key)) rows.set(key, row);
    }
  }
  return rows.size === 0 ? null : tableText('table/bpf', rows.values());
}

function jsonRows(kind: string, text: string): (string | number | null)[][] {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    return [];
  }
  if (!Array.isArray(list)) return [];
  return list.slice(0, BPF_LIMIT).flatMap((each: unknown) => {
    if (typeof each !== 'object' || each === null) return [];
    const of = (key: string): unknown => (each as Record<string, unknown>)[key];
    const pids: unknown = of('pids');
    const owner: unknown = Array.isArray(pids) ? pids.at(0) : null;
    const task = typeof owner === 'object' && owner !== null ? (owner as Record<string, unknown>) : {};
    if (typeof of('id') !== 'number') return [];
    return [
      [
        kind,
        of('id') as number,
        text255(of('type')),
        text255(of('name')),
        typeof of('bytes_memlock') === 'number' ? (of('bytes_memlock') as number) : null,
        typeof task.pid === 'number' ? task.pid : null,
        text255(task.comm),
      ],
    ];
  });
}

const BPF_LIMIT = 100_000;

function text255(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 255) : '';
}

/** "12: hash  name cilium_ct  flags 0x1", then indented lines with "memlock 4096B" and "pids agent(77)". */
function textRows(kind: string, text: string): (string | number | null)[][] {
  const rows: (string | number | null)[][] = [];
  for (const line of text.split('\n', BPF_LIMIT * 8)) {
    const start = /^(\d{1,10}): (\w{1,64})(?:  name (\S{1,64}))?/.exec(line);
    if (start !== null) rows.push([kind, Number(start[1]), start[2], start[3] ?? '', null, null, '']);
    const row = rows.at(-1);
    if (row === undefined) continue;
    const memlock = /\bmemlock (\d{1,15})B/.exec(line);
    if (memlock !== null) row[4] = Number(memlock[1]);
    const owner = /\bpids ([^(\n]{1,64})\((\d{1,10})\)/.exec(line);
    if (owner !== null) {
      row[5] = Number(owner[2]);
      row[6] = owner[1];
    }
  }
  return rows;
}
