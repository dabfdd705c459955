/** What a census is reading, in words, for lines of progress. */
export const STEP_WORDS: Readonly<Record<string, string>> = {
  types: "the kernel's types",
  programs: 'loading the program',
  bases: 'where memory is described',
  pages: 'every page',
  areas: 'areas of vmalloc',
  objects: 'slab objects',
  holders: 'who refers to what',
  orphans: 'what nothing refers to',
};
