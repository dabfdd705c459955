/**
 * The conclusions on a dump of what was held at one moment (page_owner, allocinfo, slabinfo): who held what no
 * line of /proc/meminfo shows, or else what held most. Nothing grows in one dump.
 */
import { formatBytes, formatShare } from '../../base/format.js';
import type { Conclusion } from '../report/conclusion.js';
import type { Report } from '../report/report.js';
import type { ReportStack } from '../report/report-rows.js';
import { readingOf } from './readings.js';
import { meminfoLine, whoSubject } from './words.js';

/** A report before its conclusions. */
type Concluded = Omit<Report, 'conclusions' | 'stacks'>;

const SENTENCES = 3;
/** Less than this, or than this share of all that was held, is in the rows. */
const LEAST_BYTES = 2 ** 20;
const LEAST_SHARE = 0.01;

export function dumpConclusions(report: Concluded): Conclusion[] {
  const all = report.before?.bytes ?? 0;
  const known = report.findings.filter(({ baseline, category }) => baseline && category !== 'backing');
  const least = Math.max(LEAST_BYTES, all * LEAST_SHARE);
  const hidden = known
    .filter(({ category, bytes }) => bytes >= least && meminfoLine(category ?? 'unaccounted') === 'none')
    .slice(0, SENTENCES);
  const greatest = known.toSorted((a, b) => b.bytes - a.bytes).slice(0, 1);
  const told = hidden.length > 0 ? hidden : greatest;
  return [...told.map((finding) => heldConclusion(finding, report)), oneMoment()];
}

/** Of a line of code, allocinfo does not tell whether vmalloc or kmalloc took its pages, whose lines of meminfo count them. */
const HIDDEN = 'No line of /proc/meminfo shows it';
const HIDDEN_IF = `${HIDDEN}, unless vmalloc or a large kmalloc took it: allocinfo does not say.`;

function heldConclusion(finding: ReportStack, { before }: Concluded): Conclusion {
  const isSite = before?.source === 'allocinfo';
  const { holder, noun, bytes, category, stackId } = finding;
  const amount = `${formatBytes(bytes)} of ${noun}`;
  const held = holder.kind === 'unknown' ? `${amount} was held` : `${whoSubject(holder)} held ${amount}`;
  const line = meminfoLine(category ?? 'unaccounted');
  const where = line === 'none' ? (isSite ? HIDDEN_IF : `${HIDDEN}.`) : `In meminfo as ${line}.`;
  const reading = readingOf(finding);
  return {
    kind: 'before',
    text: `${held}, ${formatShare(bytes, before?.bytes ?? 0)} of all in this dump.`,
    detail: reading === null ? where : `${where} ${reading.text.charAt(0).toUpperCase()}${reading.text.slice(1)}.`,
    stackId,
    next: tableCommand(finding, before?.source) ?? reading?.next ?? null,
  };
}

/** Who fills a cache, or calls vmalloc(), only a trace tells. */
function tableCommand({ frames }: ReportStack, source: string | undefined): string | null {
  if (source === 'vmallocinfo') return 'unfreed live --allocator vmalloc';
  const name = frames[0]?.symbol ?? '';
  return source === 'slabinfo' && /^[\w.:,-]+$/.test(name) ? `unfreed live --cache ${name}` : null;
}

function oneMoment(): Conclusion {
  return {
    kind: 'before',
    text: 'One dump shows no growth: make another later, and compare the two.',
    detail: null,
    stackId: null,
    next: 'unfreed diff FIRST SECOND',
  };
}
