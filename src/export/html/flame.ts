/** The flame graph of a page: its data, its controls, and what every page with one has. */
import { safeJson } from '../../base/safe-json.js';

/** The data that HTML_SCRIPT reads, and of a report PAGE_SCRIPT too. */
export interface GraphData {
  names: string[];
  kinds: string[];
  /**
   * For each call path: bytes, count, index of the kind, number of leaf frames that are allocator
   * plumbing, then the indices of its names from the root.
   */
  stacks: number[][];
  /**
   * For a diff: bytes before and after of each call path; the bytes in `stacks` are the greater of
   * both.
   */
  diff?: [before: number, after: number][];
  /** For a report. */
  report?: ReportData;
}

/** What narrows a report. Lists without another word are by call path, in the order of `stacks`. */
export interface ReportData {
  durationNs: number;
  /** Times between which a range may be chosen, ns; empty = no range. */
  edges: readonly number[];
  /** Bytes held at each edge; empty where no curve is in the page. */
  held: (readonly number[])[];
  /** Step and bytes, one after the other, of what was taken and is still held (breakdown/origins.ts). */
  taken: number[][];
  /** Place of its finding, -1 = not listed. */
  finding: number[];
  /** Place of its holder in `holders`, the last = another one. */
  holder: number[];
  findings: { name: string; held: readonly number[] }[];
  holders: string[];
  /** By process: what it took by finding, as `taken`; null = when it did so is not in the page. */
  processes: { finding: number; bytes: number; taken: number[] | null }[][];
}

export const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

export const CONTROLS = `<div class="bar"><input id="search" type="search" placeholder="Search functions (regex)" aria-label="Search functions"
 autocomplete="off" spellcheck="false"> <button id="flip" type="button" aria-pressed="false">From the allocation up</button>
<button id="reset" type="button">Reset zoom</button> <span id="found" role="status"></span></div>
<section class="graph"><div id="detail" aria-live="polite"></div>
<div id="graph" role="tree" aria-label="Call paths, root first; a box is as wide as its outstanding bytes"></div></section>
<p class="dim"><span id="pruned"></span> <span class="bar"><span><kbd>↑</kbd> <kbd>↓</kbd> <kbd>←</kbd> <kbd>→</kbd> move,
<kbd>Enter</kbd> or click zooms, <kbd>Esc</kbd> resets, <kbd>/</kbd> searches, <kbd>Tab</kbd> to colours and buttons</span></span></p>
<noscript><p>The graph needs scripts; the call paths are below.</p></noscript>`;

/**
 * Returns JSON for a script element, where a '<' could begin its end tag
 * (https://html.spec.whatwg.org/#restrictions-for-contents-of-script-elements).
 */
export function scriptJson(data: GraphData): string {
  return safeJson(data, '').replaceAll('<', String.raw`\u003c`);
}
