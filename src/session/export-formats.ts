/** Names and file suffixes of the export formats. It imports no encoder, because `--help` and the screen need it too. */
export const EXPORT_FORMATS = [
  'json',
  'csv',
  'folded',
  'pprof',
  'speedscope',
  'firefox',
  'html',
  'svg',
  'markdown',
] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** Formats for the growth since a mark. */
export const GROWTH_FORMATS = ['csv', 'folded', 'markdown'] as const satisfies readonly ExportFormat[];
export type GrowthFormat = (typeof GROWTH_FORMATS)[number];

/** Suffixes of file names. Longer ones first: x.speedscope.json is not plain json. */
export const SUFFIXES: readonly (readonly [suffix: string, format: ExportFormat])[] = [
  ['.speedscope.json', 'speedscope'],
  ['.firefox.json', 'firefox'],
  ['.pb.gz', 'pprof'],
  ['.pprof', 'pprof'],
  ['.html', 'html'],
  ['.svg', 'svg'],
  ['.csv', 'csv'],
  ['.folded', 'folded'],
  ['.md', 'markdown'],
  ['.json', 'json'],
];

/** The first suffix of this format, for a new file. */
export function suffixOf(format: ExportFormat): string {
  return SUFFIXES.find(([, each]) => each === format)?.[0] ?? `.${format}`;
}
