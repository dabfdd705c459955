/**
 * The report as the page draws it: its findings, its call paths with the finding of each, and what each
 * held at the edges of time, between which the reader may choose a range. Without origins (a report that was
 * read from elsewhere) a range shows only by how much the curves rose.
 */
import type { FindingOrigin, Origins, Taken } from '../../rank/breakdown/origins.js';
import type { Report } from '../../rank/report/report.js';
import type { ReportStack } from '../../rank/report/report-rows.js';
import { drawnStacks } from '../parts/flame-tree.js';

/** Findings listed where the origins are not known. */
const LISTED = 16;
/** Call paths with a curve in the page: 64 points each keep it below 2 MB. */
export const CURVES = 500;
/** Steps in which call paths took memory, all together; those that hold most come first. */
const STEPS_LIMIT = 30_000;

export interface PicturePath {
  stack: ReportStack;
  /** Place of its finding in `findings`, -1 = not listed. */
  finding: number;
  /** What it held at each edge; empty where it is not known. */
  held: readonly number[];
  taken: readonly Taken[];
  /** False if neither is put into the page. */
  hasRange: boolean;
}

export interface Picture {
  report: Report;
  origins: Origins | null;
  /** The rows of one cause that are listed. */
  findings: readonly ReportStack[];
  /** Their ages, sizes and holders; null where they are not known. */
  details: readonly (FindingOrigin | null)[];
  /** By place in `origins.findings` the place in `findings`, -1 = not listed. */
  places: readonly number[];
  /** Call paths to draw, those that hold most first or as the report has them. */
  paths: readonly PicturePath[];
  /** Bytes of backing pages, which are not drawn. */
  leftOutBytes: number;
  /** Call paths of which a range shows nothing: they hold least of many. */
  rangelessPaths: number;
  /** Times between which a range may be chosen, ns, rising; empty = no range. */
  edgesNs: readonly number[];
  /** By finding: what its call paths held at each edge; empty where it is not known. */
  curves: readonly (readonly number[])[];
  /** The same of all other call paths together. */
  otherCurve: readonly number[];
}

export function pictureOf(report: Report, origins: Origins | null): Picture {
  const details = (origins?.findings ?? []).filter(({ row }) => isShown(row));
  const findings = origins === null ? rowsOf(report) : details.map(({ row }) => row);
  const places = (origins?.findings ?? []).map((found) => details.indexOf(found));
  const edgesNs = origins?.edgesNs ?? curveEdges(report);
  const { stacks, leftOutBytes } = drawnStacks(report);
  const placeOf = findingPlaces(findings, origins, places);
  const takenOf = new Map(origins?.paths.map(({ stackId, taken }) => [stackId, taken]));
  let steps = 0;
  const paths = stacks.map((stack, i): PicturePath => {
    const taken = takenOf.get(stack.stackId) ?? [];
    steps += taken.length;
    return {
      stack,
      finding: placeOf.get(stack.stackId) ?? -1,
      held: heldAtEdges(stack, report.curve, edgesNs),
      taken: steps > STEPS_LIMIT ? [] : taken,
      hasRange: steps <= STEPS_LIMIT || i < CURVES,
    };
  });
  const curves = findings.map((_, place) => sumOf(paths, place, edgesNs));
  return {
    report,
    origins,
    findings,
    details: findings.map((_, place) => details[place] ?? null),
    places,
    paths,
    leftOutBytes,
    rangelessPaths: paths.filter(({ hasRange }) => !hasRange).length,
    edgesNs,
    curves,
    otherCurve: sumOf(paths, -1, edgesNs),
  };
}

/** Backing pages hold what other rows count already. */
function isShown({ bytes, category }: ReportStack): boolean {
  return bytes > 0 && category !== 'backing';
}

/** The rows of one cause of a report, call paths where it has none. */
function rowsOf(report: Report): ReportStack[] {
  const rows = report.findings.length > 0 ? report.findings : report.stacks;
  return rows.filter(isShown).slice(0, LISTED);
}

/** By call path the place of its finding among those shown. */
function findingPlaces(
  findings: readonly ReportStack[],
  origins: Origins | null,
  places: readonly number[],
): Map<number, number> {
  if (origins !== null) return new Map(origins.paths.map(({ stackId, finding }) => [stackId, places[finding] ?? -1]));
  return new Map(
    findings.flatMap((row, place) =>
      (row.merged?.paths ?? [{ stackId: row.stackId }]).map(({ stackId }) => [stackId, place] as const),
    ),
  );
}

function curveEdges({ curve, durationNs }: Report): number[] {
  if (curve === null) return [];
  const edges = Array.from({ length: curve.points }, (_, i) => curve.firstNs + i * curve.stepNs);
  if (durationNs > edges[edges.length - 1]) edges.push(durationNs);
  return edges;
}

/** The points of a curve at the edges, before which nothing was held, and after which there is what is held now. */
function heldAtEdges({ curve, bytes }: ReportStack, times: Report['curve'], edgesNs: readonly number[]): number[] {
  if (times === null || curve.length !== times.points || edgesNs.length < 2) return [];
  const held = edgesNs[0] < times.firstNs ? [0, ...curve] : [...curve];
  if (held.length < edgesNs.length) held.push(bytes);
  return held.length === edgesNs.length ? held : [];
}

/** What the call paths of a finding held at each edge; empty where no curve is known. */
function sumOf(paths: readonly PicturePath[], place: number, edgesNs: readonly number[]): number[] {
  const known = paths.filter(({ finding, held }) => finding === place && held.length > 0);
  return known.length === 0 ? [] : edgesNs.map((_, i) => known.reduce((sum, { held }) => sum + held[i], 0));
}
