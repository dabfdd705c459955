/**
 * Processes whose memory is traced, without their names: files and functions of programs are numbered, arguments and build
 * ids are left out. What every machine has keeps its name: the C and C++ libraries and the allocators that take their place,
 * and words for memory that is of no file. Numbers of processes, times and addresses within files stay.
 */
import type { ProcessEvent, TracedImage } from '../../event/process-facts.js';
import type { SymbolisedAddress } from '../../event/trace-sink.js';
import { type MarkNames, numbered } from './anonymous-marks.js';

/** A library by its base name: 'libc.so.6', 'libc-2.31.so', 'libstdc++.so.6.0.30'. */
const PUBLIC_LIBRARY =
  /^(?:libc|ld-linux-x86-64|ld-musl-x86_64|libpthread|libm|libdl|librt|libstdc\+\+|libgcc_s|libjemalloc|libtcmalloc|libtcmalloc_minimal|libmimalloc)(?:-[\d.]+)?\.so(?:\.[\d.]+)?$/;
const WORDS = new Set([
  '[heap]',
  '[stack]',
  '[vdso]',
  '[vvar]',
  '[vsyscall]',
  '[uprobes]',
  'anonymous memory',
  'shared anonymous memory',
  'System V shared memory',
]);

export class ProcessNames {
  private readonly paths: MarkNames;
  private readonly functions = new Map<string, string>();
  private readonly modules = new Map<string, string>();

  /** `paths` number files as marks do: an exec names the same file. */
  constructor(paths: MarkNames) {
    this.paths = paths;
  }

  process(process: ProcessEvent): ProcessEvent {
    return { ...process, exe: this.paths.path(process.exe), cmdline: '' };
  }

  image(image: TracedImage): TracedImage {
    const base = image.path.slice(image.path.lastIndexOf('/') + 1);
    return { ...image, buildId: '', path: PUBLIC_LIBRARY.test(base) ? `/${base}` : this.paths.path(image.path) };
  }

  /** A frame of a process: see isProcessFrame(). */
  frame(entry: SymbolisedAddress): SymbolisedAddress {
    const { module, symbol } = entry;
    if (module === null && WORDS.has(symbol)) return entry;
    // Memory of a file from before the trace has the file's name as its symbol.
    if (PUBLIC_LIBRARY.test(module ?? symbol)) return entry;
    return {
      ...entry,
      symbol: numbered(this.functions, `${module ?? ''}\0${symbol}`, isBefore(entry) ? 'file#' : 'function#'),
      module: module === null ? null : numbered(this.modules, module, 'program#'),
    };
  }
}

/** True for the frames that name code of a process, or its memory from before the trace (bpf/README.md). */
export function isProcessFrame(entry: SymbolisedAddress): boolean {
  const { addressHi } = entry;
  const top = addressHi >>> 30;
  return top === 1 || isBefore(entry) || addressHi < 0x10000;
}

/** True for a frame that stands for what was there before the trace. */
function isBefore({ addressHi }: SymbolisedAddress): boolean {
  return addressHi >>> 16 === 0xc000;
}
