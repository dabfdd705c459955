/**
 * The tracefs format files of the tracepoints we use, read as root. Where tracefs is not mounted,
 * or /sys/kernel/debug cannot be entered, they are read in a mount namespace of our own, which
 * leaves the machine as it was.
 */
import { asRoot, type Privilege } from './privilege.js';

/** system:event -> text of events/system/event/format; without the events that the kernel does not have. */
export type TracepointFormats = Map<string, string>;

export interface TracefsState {
  formats: TracepointFormats;
  /**
   * True if tracefs is not mounted for all processes; bpftrace must then be started with a mount of
   * its own.
   */
  needsMount: boolean;
  /** Why the formats could not be read, null if they could. */
  error: string | null;
}

export const TRACEPOINTS = [
  'kmem:kmalloc',
  'kmem:kmalloc_node',
  'kmem:kmem_cache_alloc',
  'kmem:kmem_cache_alloc_node',
  'kmem:kfree',
  'kmem:kmem_cache_free',
  'kmem:mm_page_alloc',
  'kmem:mm_page_free',
  'percpu:percpu_alloc_percpu',
  'percpu:percpu_free_percpu',
  'vmalloc:alloc_vmap_area',
  'vmalloc:free_vmap_area_noflush',
] as const;

/** unshare(1) makes all mounts private by default, so this mount is invisible outside. */
const MOUNT_IN_PRIVATE = 'mount -t tracefs tracefs /sys/kernel/tracing';

/**
 * Returns the command for a shell script that finds tracefs at /sys/kernel/tracing, invisibly for
 * other processes.
 */
export function inPrivateTracefs(script: string): string[] {
  return ['unshare', '-m', 'sh', '-c', `${MOUNT_IN_PRIVATE} || exit 125; ${script}`];
}

/** Reads the formats of the tracepoints that exist. Never throws. */
export async function readTracefs(privilege: Privilege): Promise<TracefsState> {
  const files = TRACEPOINTS.map((name) => name.replace(':', '/')).join(' ');
  const script = `cd /sys/kernel/tracing/events 2>/dev/null || exit 124; for e in ${files}; do
    if [ -r $e/format ]; then echo "=== $e"; cat $e/format; fi; done`;
  const direct = await asRoot(privilege, ['sh', '-c', script]);
  if (direct.exitCode === 0) return { formats: parseFormats(direct.stdout), needsMount: false, error: null };
  const own = await asRoot(privilege, inPrivateTracefs(script));
  if (own.exitCode === 0) return { formats: parseFormats(own.stdout), needsMount: true, error: null };
  const said = own.stderr.trim().split('\n')[0] ?? '';
  return { formats: new Map(), needsMount: true, error: said === '' ? 'tracefs cannot be mounted' : said };
}

/** Splits the output of readTracefs()'s script. */
export function parseFormats(text: string): TracepointFormats {
  const formats: TracepointFormats = new Map();
  for (const part of text.split(/^=== /m).slice(1)) {
    const end = part.indexOf('\n');
    formats.set(part.slice(0, end).replace('/', ':'), part.slice(end + 1));
  }
  return formats;
}
