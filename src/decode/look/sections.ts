/**
 * Files that hold several texts, split:
 * - supportutils: "#==[ Command ]===...#", then "# /usr/bin/free -k" or "# /proc/meminfo";
 * - Android's bugreport: "------ MEMORY INFO (/proc/meminfo) ------";
 * - a session of a shell or of crash: "crash> kmem -i", "root@db:~# cat /proc/meminfo".
 */
import { commandWish, type LookMember, memberWish } from './members.js';

const SUPPORTUTILS = /^#==\[ /m;
const ANDROID = /^------ [^\n(]{1,200} \([^\n]{1,400}?\) ------\s*$/m;

/** Returns the texts of a file by their names here; null if it is no such file. */
export function splitSections(member: LookMember): LookMember[] | null {
  const { text } = member;
  if (SUPPORTUTILS.test(text)) return supportutils(member);
  if (ANDROID.test(text)) return android(member);
  return PROMPT.test(text) ? session(member) : null;
}

function supportutils(member: LookMember): LookMember[] {
  const found: LookMember[] = [];
  for (const section of member.text.split(/^#==\[ /m, SECTION_LIMIT).slice(1)) {
    const titleEnd = section.indexOf('\n');
    const nameEnd = section.indexOf('\n', titleEnd + 1);
    if (titleEnd < 0 || nameEnd < 0 || !/^(?:Command|Configuration File|Log File) \]/.test(section)) continue;
    // '# /var/log/messages - Last 500 Lines', '# /proc/x - File not found'
    const title = section.slice(titleEnd + 1, nameEnd).replace(/^# ?/, '');
    if (title.endsWith(' - File not found')) continue;
    const name = named(title.replace(/ - Last \d+ Lines$/, ''));
    if (name !== null) found.push({ ...member, name, text: section.slice(nameEnd + 1) });
  }
  return found;
}

function android(member: LookMember): LookMember[] {
  const found: LookMember[] = [];
  const parts = member.text.split(/^------ ([^\n(]{1,200} \([^\n]{1,400}?\)) ------\s*$/m, 2 * SECTION_LIMIT);
  for (let at = 1; at + 1 < parts.length; at += 2) {
    const title = /^(.*?) \((.*?)(?:: [\d-]{10} [\d:]{8})?\)$/.exec(parts[at]);
    const name = title === null ? null : title[1].startsWith('KERNEL LOG') ? 'command/dmesg' : named(title[2]);
    // "------ 0.004s was the duration of 'MEMORY INFO' ------"
    if (name !== null) found.push({ ...member, name, text: parts[at + 1].replace(/^------ [\d.]+s was .*$/m, '') });
  }
  return found;
}

const PROMPT =
  /^(?:crash(?:64)?> |(?:\[[^\]\n]{1,100}\] ?|[\w.@:~/-]{0,100} ?)[$#] )((?:sudo )?(?:cat |head |kmem |sys\b|log\b)?[\w/.-][^\n]{0,200})$/m;

/** A text with commands in it that were typed. What no known command wrote is left out. */
function session(member: LookMember): LookMember[] | null {
  const found: LookMember[] = [];
  const pattern = new RegExp(PROMPT.source, 'gm');
  const prompts = [...member.text.matchAll(pattern)].slice(0, SECTION_LIMIT);
  for (const [index, prompt] of prompts.entries()) {
    const name = named(prompt[1].replace(/^sudo /, '').replace(/^(?:cat|head) /, ''));
    const text = member.text.slice(prompt.index + prompt[0].length + 1, prompts.at(index + 1)?.index);
    if (name !== null) found.push({ ...member, name, text });
  }
  return found.length === 0 ? null : found;
}

/** Returns the name of a file or command here; null if it is of no use. */
function named(title: string): string | null {
  const words = title.trim();
  if (/^kmem -[isvV]$/.test(words)) return `crash/${words}`;
  return words.startsWith('/') &&
    !words.startsWith('/usr/') &&
    !words.startsWith('/bin/') &&
    !words.startsWith('/sbin/')
    ? (memberWish(words)?.name ?? null)
    : (commandWish(words)?.name ?? null);
}

const SECTION_LIMIT = 100_000;
