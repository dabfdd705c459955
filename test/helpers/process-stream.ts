/**
 * The collector's stream of a trace of processes (bpf/README.md), and programs whose truth is known: a heap that leaks, and
 * threads whose stacks nobody unmaps.
 */
import { joined, StreamBytes, utf8 } from './stream-bytes.js';

/** A frame of a file: image number, address in it. */
export function imageFrame(image: number, address: number): bigint {
  return (1n << 62n) | (BigInt(image) << 40n) | BigInt(address);
}

/** The n-th synthetic frame. */
export function syntheticFrame(n: number): bigint {
  return (3n << 62n) | BigInt(n);
}

export const KIND = {
  heapAlloc: 6,
  map: 7,
  reserve: 10,
  heapFree: 22,
  unmap: 23,
  becameReserved: 28,
  becameUsable: 29,
} as const;

export interface Task {
  pid: number;
  /** Number of the process. */
  number: number;
  comm: number;
}

const WHY = { first: 1, fork: 2, exec: 3, exit: 4 } as const;

export class ProcessStream extends StreamBytes {
  private stacks = 0;
  private addresses = 0x1000;
  private readonly frames = new Map<string, bigint>();
  private readonly paths = new Map<string, number>();
  private readonly images = new Map<string, number>();
  private readonly comms = new Map<string, number>();
  private synthetic = 0;

  /** `allocators`: 'map' and 'reserved' by default. */
  begin(facts: Record<string, unknown> = {}): this {
    return this.host({
      collector: 'bpf',
      hostname: 'vm',
      kernel: '6.18.44',
      arch: 'x86_64',
      pageSize: 4096,
      cpus: 2,
      startUnixMs: 1_764_536_400_000,
      allocators: ['map', 'reserved'],
      ...facts,
    });
  }

  process(
    timeNs: number,
    why: keyof typeof WHY,
    task: Task,
    more: { parent?: number; exe?: string; cmdline?: string; stays?: boolean } = {},
  ): this {
    const [exe, cmdline] = [utf8(more.exe ?? ''), utf8(more.cmdline ?? '')];
    const head = new DataView(new ArrayBuffer(40));
    head.setBigUint64(0, BigInt(timeNs), true);
    head.setUint32(8, task.number, true);
    head.setUint32(12, task.pid, true);
    head.setBigUint64(16, BigInt(1_000_000 * task.pid), true);
    head.setUint32(24, more.parent ?? 0, true);
    head.setUint8(28, WHY[why]);
    head.setUint8(29, more.stays === true ? 1 : 0);
    head.setUint16(30, exe.length, true);
    head.setUint16(32, cmdline.length, true);
    return this.message(18, joined([new Uint8Array(head.buffer), exe, cmdline]));
  }

  /** The id of a name of tasks. */
  task(name: string): number {
    let id = this.comms.get(name);
    if (id === undefined) {
      id = this.comms.size + 1;
      this.comms.set(name, id);
      this.comm(id, name);
    }
    return id;
  }

  /** 'mmap@libc.so.6 < spawn_worker@server < 0x7f0000001000': the id of the call path. */
  path(text: string): number {
    let id = this.paths.get(text);
    if (id !== undefined) return id;
    const frames = text.split(' < ').map((each) => this.frame(each));
    id = ++this.stacks;
    this.paths.set(text, id);
    this.stack(id, frames);
    return id;
  }

  /** The call path of what was there before: '[heap]', 'libfoo.so', 'anonymous memory'. */
  before(name: string): number {
    const key = `before ${name}`;
    let id = this.paths.get(key);
    if (id !== undefined) return id;
    const frame = syntheticFrame(++this.synthetic);
    id = ++this.stacks;
    this.paths.set(key, id);
    this.stack(id, [frame]).symbol(frame, 0, name, '');
    return id;
  }

  alloc(timeNs: number, kind: number, { pid, number, comm }: Task, address: number, bytes: number, path: number): this {
    return this.record([
      (BigInt(timeNs) << 8n) | BigInt(kind),
      (BigInt(number) << 48n) | BigInt(address),
      BigInt(path) | (BigInt(pid) << 32n),
      BigInt(comm),
      BigInt(bytes),
    ]);
  }

  /** `bytes` of kinds that name a range. */
  free(timeNs: number, kind: number, number: number, address: number, bytes?: number): this {
    const words = [(BigInt(timeNs) << 8n) | BigInt(kind), (BigInt(number) << 48n) | BigInt(address)];
    return this.record(bytes === undefined ? words : [...words, BigInt(bytes)]);
  }

  held(
    timeNs: number,
    rows: readonly { task: Task; address: number; bytes: number; path: number; space: 4 | 5 | 6 }[],
  ): this {
    const payload = new DataView(new ArrayBuffer(8 + rows.length * 32));
    payload.setBigUint64(0, BigInt(timeNs), true);
    for (const [i, { task, address, bytes, path, space }] of rows.entries()) {
      const at = 8 + i * 32;
      payload.setBigUint64(at, (BigInt(task.number) << 48n) | BigInt(address), true);
      payload.setBigUint64(at + 8, BigInt(bytes), true);
      payload.setUint32(at + 16, path, true);
      payload.setUint32(at + 20, task.comm, true);
      payload.setUint32(at + 24, task.pid, true);
      payload.setUint8(at + 28, space);
    }
    return this.message(21, new Uint8Array(payload.buffer));
  }

  /** Rows: first page, pages, resident ones. */
  resident(
    timeNs: number,
    number: number,
    isWhole: boolean,
    rows: readonly (readonly [number, number, number])[],
  ): this {
    const payload = new DataView(new ArrayBuffer(16 + rows.length * 16));
    payload.setBigUint64(0, BigInt(timeNs), true);
    payload.setUint32(8, number, true);
    payload.setUint32(12, Number(isWhole), true);
    for (const [i, [first, pages, resident]] of rows.entries()) {
      const at = 16 + i * 16;
      payload.setBigUint64(at, BigInt(first), true);
      payload.setUint32(at + 8, pages, true);
      payload.setUint32(at + 12, resident, true);
    }
    return this.message(22, new Uint8Array(payload.buffer));
  }

  /** Sizes in KiB. */
  spaces(timeNs: number, rows: readonly SpaceLine[]): this {
    const lines = rows.map((row) => SPACE_COLUMNS.map((name) => row[name] ?? 0).join(' '));
    return this.counters(timeNs, 6, `# ${SPACE_COLUMNS.join(' ')}\n${lines.join('\n')}\n`);
  }

  private record(words: readonly bigint[]): this {
    return this.message(6, new Uint8Array(new BigUint64Array(words).buffer));
  }

  /** 'symbol@file'; each has an address of its own. */
  private frame(text: string): bigint {
    let frame = this.frames.get(text);
    if (frame !== undefined) return frame;
    // Code that the program made at run time: an address of its own, and no name.
    if (text.startsWith('0x')) {
      this.frames.set(text, BigInt(text));
      return BigInt(text);
    }
    const at = text.lastIndexOf('@');
    const [symbol, file] = [text.slice(0, at), text.slice(at + 1)];
    let image = this.images.get(file);
    if (image === undefined) {
      image = this.images.size + 1;
      this.images.set(file, image);
      this.image(image, `/usr/lib/${file}`);
    }
    frame = imageFrame(image, (this.addresses += 0x40));
    this.frames.set(text, frame);
    this.symbol(frame, 0x10, symbol, file);
    return frame;
  }

  private image(number: number, path: string): this {
    const name = utf8(path);
    const head = new DataView(new ArrayBuffer(8));
    head.setUint32(0, number, true);
    head.setUint16(4, 4, true);
    head.setUint16(6, name.length, true);
    return this.message(19, joined([new Uint8Array(head.buffer), new Uint8Array([1, 2, 3, number]), name]));
  }
}

const SPACE_COLUMNS = [
  'number',
  'pid',
  'vm_size_kb',
  'rss_kb',
  'anon_kb',
  'file_kb',
  'shmem_kb',
  'swap_kb',
  'hwm_kb',
  'minflt',
  'majflt',
  'heap_kb',
  'late_kb',
  'gone_kb',
] as const;
export type SpaceLine = Partial<Record<(typeof SPACE_COLUMNS)[number], number>>;

const MIB = 2 ** 20;
const STACK = 40 * 1024;

/** First page of the n-th stack. */
function stackPage(n: number): number {
  return 0x7e0000000 + n * 16;
}

/**
 * Each 0.5 s a thread: 40 KiB mapped for its stack, of which one page is touched; it ends, and nobody unmaps. Beside it a
 * worker maps 1 MiB and unmaps it. 2,504 KiB were mapped before. `heap`: also 64 KiB of heap each 0.5 s, of which half is
 * freed, on top of 1 MiB from before.
 */
export function threadStacks(seconds: number, heap = false): Uint8Array {
  const stream = new ProcessStream().begin(heap ? { allocators: ['heap', 'map', 'reserved'] } : {});
  const server: Task = { pid: 4711, number: 1, comm: stream.task('server') };
  stream.process(0, 'first', server, { exe: '/srv/bin/server', cmdline: 'server --workers 4' });
  const [code, before, stack] = ['server', '[heap]', '[stack]'].map((name) => stream.before(name));
  const library = stream.before('libc.so.6');
  const rows = [
    { task: server, address: 0x400000, bytes: 324 * 1024, path: code, space: 5 as const },
    { task: server, address: 0x1000000, bytes: MIB, path: before, space: 5 as const },
    { task: server, address: 0x7f0000000000, bytes: 1024 * 1024, path: library, space: 5 as const },
    { task: server, address: 0x7ffff0000000, bytes: 132 * 1024, path: stack, space: 5 as const },
  ];
  stream.held(0, rows);
  const start = 2504;
  const spawn = stream.path('mmap@libc.so.6 < spawn_worker@server < main@server < __libc_start_main@libc.so.6');
  const good = stream.path('mmap@libc.so.6 < scratch@server < worker@server < start_thread@libc.so.6');
  const load = stream.path('malloc@libc.so.6 < cache_add(char const*)@server < handle_request@server < main@server');
  let threads = 0;
  const spaces = (timeNs: number): ProcessStream =>
    stream.spaces(timeNs, [
      {
        number: 1,
        pid: 4711,
        vm_size_kb: start + threads * 40,
        rss_kb: 800 + threads * 4,
        anon_kb: 600 + threads * 4,
        file_kb: 200,
        hwm_kb: 900 + threads * 4,
        minflt: 1000 + threads * 20,
        majflt: 3,
        heap_kb: 1024,
      },
    ]);
  spaces(0);
  for (let half = 1; half <= seconds * 2; half++) {
    const at = half * 0.5e9;
    stream.alloc(at - 3e6, KIND.map, server, stackPage(half) * 4096, STACK, spawn);
    threads++;
    stream.alloc(at - 2e6, KIND.map, server, 0x7d0000000000, MIB, good);
    stream.free(at - 1e6, KIND.unmap, 1, 0x7d0000000000, MIB);
    if (heap) {
      for (let i = 0; i < 16; i++) {
        const block = 0x1000000 + (half * 16 + i) * 4096 + 16;
        stream.alloc(at - 1e5, KIND.heapAlloc, server, block, 4096, load);
        if (i % 2 === 0) stream.free(at - 1e4, KIND.heapFree, 1, block);
      }
    }
    if (half % 2 === 0) {
      spaces(at);
      const touched = Array.from({ length: half }, (_, i) => [stackPage(i + 1), 10, 1] as const);
      stream.resident(at, 1, true, [[0x1000000 / 4096, 256, 128], ...touched]);
    }
    stream.clock(at);
  }
  return stream.end(seconds * 1e9, 1, '').bytes();
}
