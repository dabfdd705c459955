/**
 * Colours of flame graphs, by the line of /proc/meminfo that accounts for the memory. Unaccounted
 * memory has the loudest colour, because it is the memory being hunted. Each is a background in the
 * light and in the dark scheme: the text on them (TEXT) has a contrast of at least 4.5 : 1 (WCAG
 * 2.1, 1.4.3), which a test checks. For red-green blindness, hues differ in lightness too.
 */
const COLOURS: Record<string, readonly [light: string, dark: string]> = {
  unaccounted: ['#ff8a65', '#b8401c'],
  page: ['#ffb74d', '#8f5a0a'],
  slab: ['#81b8f0', '#2b5c93'],
  vmalloc: ['#b39ddb', '#6a4fa3'],
  percpu: ['#f4a3c4', '#8f3d66'],
  'page tables': ['#e6cf5c', '#6f6212'],
  anon: ['#a5d6a7', '#356b3a'],
  'page cache': ['#80cbc4', '#20665f'],
  'kernel stack': ['#d7b9a5', '#75513c'],
  shmem: ['#c5e1a5', '#50702a'],
  hugetlb: ['#90caf9', '#3d6079'],
  'held by a reference': ['#ffab91', '#a0421f'],
  zswap: ['#ce93d8', '#7b3d86'],
  zram: ['#e1a8ea', '#83478d'],
  gpu: ['#9fd6e8', '#2a6375'],
  balloon: ['#c9c1e8', '#5b5480'],
  backing: ['#cfd8dc', '#4b5a62'],
};
const OTHER = ['#d0d0d0', '#555555'] as const;

/** Colour of the text on any of them. */
export const TEXT = { light: '#1a1a1a', dark: '#f2f2f2' } as const;

export function kindColours(kind: string): readonly [light: string, dark: string] {
  return COLOURS[kind] ?? OTHER;
}

export const COLOURED_KINDS: readonly string[] = Object.keys(COLOURS);

/**
 * Colours of differential flame graphs: four shades of blue for memory that is gone, the neutral
 * one, then four of red for new memory. Blue and red can be told apart with any colour blindness.
 */
export const SHADES: readonly (readonly [light: string, dark: string])[] = [
  ['#6baed6', '#1f5f99'],
  ['#8fc3e2', '#2a567f'],
  ['#b3d6ec', '#334e6a'],
  ['#d6e8f4', '#3b4856'],
  ['#e4e4e4', '#4a4a4a'],
  ['#fddccf', '#5b463f'],
  ['#fcbba1', '#75432f'],
  ['#fc9272', '#94401f'],
  ['#fb6a4a', '#b33a12'],
];
