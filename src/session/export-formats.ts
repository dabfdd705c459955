/** Names of export formats and of their files. Imports no encoder: `--help` and the screen need this too. */
export const EXPORT_FORMATS = ['json', 'csv', 'folded', 'pprof', 'speedscope', 'html', 'svg', 'markdown'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** Of growth since a mark. */
export const GROWTH_FORMATS = ['csv', 'folded', 'markdown'] as const satisfies readonly ExportFormat[];
export type GrowthFormat = (typeof GROWTH_FORMATS)[number];

/** What names of files end in. The longer first: x.speedscope.json is not x.json. */
export const SUFFIXES: readonly (readonly [suffix: string, format: ExportFormat])[] = [
  ['.speedscope.json', 'speedscope'],
  ['.pb.gz', 'pprof'],
  ['.pprof', 'pprof'],
  ['.html', 'html'],
  ['.svg', 'svg'],
  ['.csv', 'csv'],
  ['.folded', 'folded'],
  ['.md', 'markdown'],
  ['.json', 'json'],
];

/** What the name of a file in this format ends in. */
export function suffixOf(format: ExportFormat): string {
  return SUFFIXES.find(([, each]) => each === format)?.[0] ?? `.${format}`;
}
