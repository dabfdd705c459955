/** /proc/sysvipc/shm (ipc/shm.c): System V shared memory of the reader's IPC namespace. */
export interface ShmSegment {
  id: string;
  key: string;
  creator: number;
  attached: number;
  /** Memory that it takes, without what is swapped out. */
  bytes: number;
}

/** Returns the segments; null if the text is not such a file. */
export function parseSysvShm(text: string): ShmSegment[] | null {
  const lines = text.slice(0, 8 << 20).split('\n');
  const columns = (lines[0] ?? '').slice(0, 1024).trim().split(/ +/);
  if (columns[0] !== 'key' || !columns.includes('shmid')) return null;
  const segments: ShmSegment[] = [];
  for (const line of lines.slice(1)) {
    const cells = line.slice(0, 1024).trim().split(/ +/);
    const of = (name: string): number => {
      const cell = cells[columns.indexOf(name)] ?? '';
      return /^\d{1,16}$/.test(cell) ? Number(cell) : 0;
    };
    if (!/^-?\d{1,11}$/.test(cells[0] ?? '') || cells.length < columns.length) continue;
    const key = (Number(cells[0]) >>> 0).toString(16).padStart(8, '0');
    segments.push({
      id: String(of('shmid')),
      key,
      creator: of('cpid'),
      attached: of('nattch'),
      bytes: of('rss'),
    });
  }
  return segments;
}
