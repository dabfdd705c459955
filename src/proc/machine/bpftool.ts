/** `bpftool -j map show` and `bpftool -j prog show`. */
export interface BpfRow {
  kind: 'map' | 'program';
  id: number;
  type: string;
  name: string;
  bytes: number;
  /** A process that has it open; 0 = none, or not known. */
  pid: number;
  processName: string;
}

const TEXT_LIMIT = 32 << 20;
const ROW_LIMIT = 20_000;

/** Returns no rows if the text is not what bpftool prints. */
export function parseBpftool(output: string, kind: 'map' | 'program'): BpfRow[] {
  let list: unknown;
  try {
    list = output.length > TEXT_LIMIT ? [] : JSON.parse(output);
  } catch {
    return [];
  }
  if (!Array.isArray(list)) return [];
  return list.slice(0, ROW_LIMIT).flatMap((each: unknown) => {
    const object = fieldsOf(each);
    const id = numberOf(object.id);
    if (id === 0) return [];
    const owner = fieldsOf(Array.isArray(object.pids) ? object.pids[0] : undefined);
    return [
      {
        kind,
        id,
        type: textOf(object.type),
        name: textOf(object.name),
        bytes: numberOf(object.bytes_memlock) + numberOf(object.bytes_jited),
        pid: numberOf(owner.pid),
        processName: textOf(owner.comm),
      },
    ];
  });
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function numberOf(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 256) : '';
}
