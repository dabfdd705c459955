/** The figures of bench-overhead.ts as text: a line for each load and tracer, and a table for bpf/COSTS.md. */
export interface OverheadRun {
  cpuSeconds: number;
  /** CPU time, as a multiple of that of the untraced runs beside it. */
  ratio: number;
  /** While the load ran; null if the tool does not report it, or this run was not counted. */
  eventsPerSecond: number | null;
  events: number | null;
  lost: number | null;
  /** CPUs that the tracer, and our core, kept busy. */
  tracerCpu: number;
  coreCpu: number | null;
}

export interface OverheadRow {
  load: string;
  tracer: string;
  title: string;
  runs: OverheadRun[];
}

export function median(numbers: number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

export function rowText(row: OverheadRow): string {
  const ratios = row.runs.map((run) => run.ratio);
  const range = `(${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})`;
  return `  ${median(ratios).toFixed(2).padStart(6)} ${range.padEnd(16)}  ${eventsText(row).padStart(26)}  ${cpuText(row).padStart(14)}  ${row.title}`;
}

/**
 * Returns a table of the slow-downs, and of the events seen and lost and the CPU spent with the
 * first load.
 */
export function markdownTable(rows: OverheadRow[], loads: { name: string; title: string }[]): string {
  const shown = loads.filter((load) => rows.some((row) => row.load === load.name));
  const names = [...new Set(rows.map((row) => row.tracer))];
  const lines = [
    `| | ${shown.map((load) => load.title).join(' | ')} | events/s, lost (${shown[0]?.name}) | CPUs: tracer, core |`,
    `|${'---|'.repeat(shown.length + 3)}`,
  ];
  for (const name of names) {
    const cells = shown.map((load) => {
      const row = rows.find((one) => one.tracer === name && one.load === load.name);
      return row === undefined ? '' : median(row.runs.map((run) => run.ratio)).toFixed(2);
    });
    const first = rows.find((row) => row.tracer === name);
    if (first !== undefined)
      lines.push(`| ${first.title} | ${cells.join(' | ')} | ${eventsText(first)} | ${cpuText(first)} |`);
  }
  return lines.join('\n');
}

function eventsText(row: OverheadRow): string {
  const counted = row.runs.filter((run) => run.events !== null);
  if (counted.length === 0) return 'not told';
  const rate = median(counted.map((run) => run.eventsPerSecond ?? 0));
  const [events, lost] = [sum(counted.map((run) => run.events ?? 0)), sum(counted.map((run) => run.lost ?? 0))];
  const share = events + lost === 0 ? 0 : lost / (events + lost);
  const part = share >= 0.001 ? `${(share * 100).toFixed(1)} %` : String(lost);
  return `${Math.round(rate / 1000).toLocaleString('en')} k, ${lost === 0 ? 'none' : part}`;
}

function cpuText(row: OverheadRow): string {
  const tracer = median(row.runs.map((run) => run.tracerCpu)).toFixed(2);
  const cores = row.runs.flatMap((run) => (run.coreCpu === null ? [] : [run.coreCpu]));
  return cores.length === 0 ? tracer : `${tracer}, ${median(cores).toFixed(2)}`;
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
