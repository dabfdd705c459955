/** One finding of the first look, all of it: its sentences, who holds it, what was ruled out, and what to run next. */
import { formatBytes } from '../../../base/format.js';
import { padText, safeText } from '../../../base/safe-text.js';
import type { TriageFinding, TriageReport } from '../../../triage/report.js';
import { isUrgent, SEVERITY_WORDS } from '../../../triage/words.js';
import type { PageText } from '../../head/list-body.js';
import { commandLines, holderLines, sentenceLines } from '../../lines/holder-lines.js';
import type { Line, Tone } from '../../lines/styled-line.js';
import { firstLookOf, triageKey } from '../../model/answers.js';
import type { ViewState } from '../../model/view-state.js';

/** What was abnormal needs a look; large or reclaimable memory is explained. */
export function severityTone(finding: Pick<TriageFinding, 'severity'>): Tone {
  if (isUrgent(finding)) return 'warn';
  return finding.severity === 'large' ? 'strong' : 'dim';
}

/** '1', '2', ...; '' for what is fine, as in the text of `unfreed triage`. */
export function numberOf({ findings }: TriageReport, finding: TriageFinding): string {
  if (finding.severity === 'fine') return '';
  const counted = findings.filter(({ severity }) => severity !== 'fine');
  return String(counted.indexOf(finding) + 1);
}

/** ' It grows by 4.00 MiB an hour.'; '' without a pace. */
export function paceText({ growthBytesPerHour }: TriageFinding): string {
  if (growthBytesPerHour === null) return '';
  return ` It ${growthBytesPerHour < 0 ? 'shrinks' : 'grows'} by ${formatBytes(Math.abs(growthBytesPerHour))} an hour.`;
}

/** The page of the finding that is opened; null if none is, or if it is gone. */
export function findingPage(state: ViewState): PageText | null {
  const { page, columns } = state;
  const look = firstLookOf(state);
  const finding = look?.findings.find((each) => page?.kind === 'finding' && triageKey(each) === page.key);
  if (look === null || finding === undefined) return null;
  const title: Line = [
    ['First look › ', 'dim'],
    [`${numberOf(look, finding)} ${SEVERITY_WORDS[finding.severity]}`.trim(), severityTone(finding)],
    [` ${safeText(finding.item)}`, 'strong'],
    [`  rule ${safeText(finding.rule)}`, 'dim'],
  ];
  const sections: Line[][] = [
    sentenceLines(finding.text + paceText(finding), columns).map((text): Line => [[text, 'strong']]),
    holdersOf(finding, columns),
    finding.details.flatMap((detail) => sentenceLines(detail, columns, '  ').map((text): Line => [[text]])),
    nextLines(finding, columns),
  ];
  const lines = sections.filter((section) => section.length > 0).flatMap((section) => [...section, []]);
  return { title, lines: lines.slice(0, -1) };
}

function holdersOf({ holders, bytes }: TriageFinding, columns: number): Line[] {
  return holders.length === 0 ? [] : holderLines('HELD BY', holders, bytes ?? 0, columns);
}

/** Each command begins in the first column, so that it can be copied as it stands. */
function nextLines({ next }: TriageFinding, columns: number): Line[] {
  if (next.length === 0) return [];
  return [
    [[padText('NEXT', columns), 'head']],
    ...next.flatMap((command) => commandLines(command, columns).map((text): Line => [[text, 'key']])),
  ];
}
