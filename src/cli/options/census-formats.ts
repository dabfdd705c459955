/** The formats of a census, and the suffixes that ask for them. */
export const CENSUS_FORMATS = ['text', 'json', 'csv', 'html', 'markdown'] as const;
export type CensusFormat = (typeof CENSUS_FORMATS)[number];

export const CENSUS_SUFFIXES: readonly (readonly [suffix: string, format: CensusFormat])[] = [
  ['.txt', 'text'],
  ['.json', 'json'],
  ['.csv', 'csv'],
  ['.html', 'html'],
  ['.md', 'markdown'],
];
