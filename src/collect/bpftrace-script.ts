/**
 * Assembles the sections of bpf/unfreed.bt that fit a kernel. Pure: takes the script and the
 * tracefs format files as text, returns the program as text. The head of the script documents the
 * markers.
 */
import { BugError } from '../base/errors.js';
import type { HostFacts } from '../event/host-facts.js';
import type { AllocatorName } from '../event/kinds.js';

export interface ScriptTarget {
  /** system:event -> text of its format file. */
  formats: ReadonlyMap<string, string>;
  allocators: readonly AllocatorName[];
  /** CPUs that the kernel has percpu memory for. */
  possibleCpus: number;
  /** True if bpftrace can read this kernel's type information (bpftrace --info). */
  seesBtf: boolean;
  /** Printed by the script, so that its output alone is a whole trace. */
  host: HostFacts;
}

export interface AssembledScript {
  text: string;
  /** Its probes, as 'tracepoint:system:event'. */
  hooks: string[];
}

interface Section {
  name: string;
  /** null = the section is a part, used by others. */
  conditions: string[] | null;
  lines: string[];
}

/**
 * Returns the program for one kernel. Throws a BugError if the script has an unknown marker or
 * condition.
 */
export function assembleScript(script: string, target: ScriptTarget): AssembledScript {
  const sections = parseSections(script);
  const parts = new Map(sections.filter((one) => one.conditions === null).map((one) => [one.name, one.lines]));
  const out: string[] = [];
  for (const section of sections) {
    if (section.conditions?.every((condition) => holds(condition, target)) !== true) continue;
    for (const line of section.lines) out.push(...expand(line, parts, target));
  }
  const text = `${out.join('\n')}\n`;
  return { text, hooks: [...text.matchAll(/^,?(tracepoint:\w+:\w+)$/gm)].map((match) => match[1]) };
}

const MARKER = /^\s*\/\/: (.+)$/;

function parseSections(script: string): Section[] {
  const sections: Section[] = [];
  for (const line of script.split('\n')) {
    const marker = MARKER.exec(line)?.[1];
    const opens = marker === undefined ? null : /^(\S+) (?:when (.+)|as part)$/.exec(marker);
    if (opens !== null) sections.push({ name: opens[1], conditions: opens[2]?.split(', ') ?? null, lines: [] });
    // Lines before the first section are for people.
    else sections.at(-1)?.lines.push(line);
  }
  return sections;
}

function expand(line: string, parts: Map<string, string[]>, target: ScriptTarget): string[] {
  const marker = MARKER.exec(line)?.[1];
  if (marker === undefined) return [line];
  if (marker === 'host') return [`\tprintf("H${quoted(JSON.stringify(target.host))}\\n");`];
  if (marker === 'cpus') return [`\t\t$cpus = (uint64)${target.possibleCpus};`];
  const part = marker.startsWith('put ') ? parts.get(marker.slice(4)) : undefined;
  if (part === undefined) throw new BugError(`bpf/unfreed.bt: marker '${marker}', expected host, cpus or put PART`);
  return part;
}

/** Returns a JSON text as part of bpftrace's format string: escapes doubled, every byte printable ASCII. */
function quoted(json: string): string {
  // Any character of a JSON string can be an escape. '%' must be one: bpftrace 0.17 reads "%%c" as
  // a conversion.
  const ascii = json.replace(/[^\x20-\x7e]|%/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return ascii.replace(/\\/g, '\\\\').replace(/"/g, '\\"');
}

function holds(condition: string, target: ScriptTarget): boolean {
  if (condition === 'always') return true;
  if (condition === 'no btf') return !target.seesBtf;
  const [verb, what] = condition.split(' ');
  if (verb === 'traces') return target.allocators.some((name) => name === what);
  if (verb === 'has') return has(what, target.formats);
  if (verb === 'no') return !has(what, target.formats);
  throw new BugError(`bpf/unfreed.bt: condition '${condition}', expected has, no, traces or always`);
}

function has(what: string, formats: ReadonlyMap<string, string>): boolean {
  const [event, field] = what.split('.');
  const format = formats.get(event);
  if (format === undefined || field === undefined) return format !== undefined;
  // "	field:__data_loc char[] name;	offset:24;	size:4;	signed:1;"
  return new RegExp(`\\bfield:[^;]*\\b${field};`).test(format);
}
