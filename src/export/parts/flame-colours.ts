/**
 * Colours of graphs, by the line of /proc/meminfo that accounts for the memory: those of Okabe and Ito,
 * which can be told apart with any colour blindness (https://jfly.uni-koeln.de/color/). Memory in no line
 * has the loudest colour, because it is the memory being hunted. The text on each has a contrast of at
 * least 4.5 : 1 (WCAG 2.1, 1.4.3), which a test checks.
 */
import { meminfoLine } from '../../rank/answer/words.js';

/** A background and the text on it. */
export interface Colour {
  background: string;
  text: string;
}

/** A class of boxes with its colours in the light and in the dark scheme. */
export type ColourClass = readonly [className: string, light: Colour, dark: Colour];

const on = (background: string, text = '#000'): Colour => ({ background, text });

/** By line of meminfo (words.ts). */
const LINES: Readonly<Record<string, Colour>> = {
  none: on('#d55e00'),
  Slab: on('#0072b2', '#fff'),
  Shmem: on('#009e73'),
  AnonPages: on('#56b4e9'),
  Cached: on('#999999'),
  PageTables: on('#e69f00'),
};
const REST = on('#cc79a7');

/** Returns the colour of a line of meminfo. */
export function lineColour(line: string): Colour {
  return Object.hasOwn(LINES, line) ? LINES[line] : REST;
}

/** Returns the colour of a category, or of an allocator where the category is not known: the same in both schemes. */
export function kindColour(kind: string): Colour {
  return lineColour(meminfoLine(kind));
}

/** Colours of the first findings or holders, and last of all others together. */
export const PLACES: readonly Colour[] = ['none', 'Slab', 'Shmem', 'AnonPages', 'PageTables', '', 'Cached'].map(
  lineColour,
);

/** Text in the light and in the dark scheme. */
export const TEXT = { light: '#1a1a1a', dark: '#f2f2f2' } as const;

/**
 * Colours of differential flame graphs: four shades of blue for memory that is gone, the neutral
 * one, then four of vermillion for new memory.
 */
export const SHADES: readonly (readonly [light: string, dark: string])[] = [
  ['#6baed6', '#1f5f99'],
  ['#8fc3e2', '#2a567f'],
  ['#b3d6ec', '#334e6a'],
  ['#d6e8f4', '#3b4856'],
  ['#e4e4e4', '#4a4a4a'],
  ['#f9dfd0', '#5b463f'],
  ['#f2bd9b', '#75432f'],
  ['#ea9a67', '#94401f'],
  ['#e27834', '#b33a12'],
];
