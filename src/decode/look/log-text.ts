/** The kernel's log of a bundle: its ring buffer, and the system logs that keep more of the past. */
import type { NamedTexts } from './members.js';

/** Oldest first: what a later text has too is counted once, by its lines. */
const ORDER = ['log/kernel', 'var/log/messages', 'var/log/syslog', 'var/log/kern.log', 'var/log/dmesg'];
/** Lines of the system's log that the kernel did not write say nothing here. */
const OF_KERNEL = /\bkernel: |^\[ *\d+\.\d+\]|\]: \[ *\d+\.\d+\]/;
const TEXT_LIMIT = 64 << 20;

/**
 * Returns the kernel's lines of one log of the bundle: the one that tells of most OOM kills, else dmesg,
 * so that no event is counted twice. Null if there is none.
 */
export function logText(texts: NamedTexts): string | null {
  const logs = [
    ...texts.command('dmesg').filter(({ name }) => !/ -\w*T/.test(name)),
    ...texts.command('dmesg'),
    ...texts.command('journalctl'),
    ...ORDER.flatMap((name) => {
      const text = texts.get(name);
      return text === undefined ? [] : [{ name, text }];
    }),
  ];
  let best: string | null = null;
  let most = -1;
  for (const { name, text } of logs) {
    const kills = text.match(/Killed process \d+/g)?.length ?? 0;
    if (kills <= most) continue;
    most = kills;
    best =
      name.startsWith('var/log/m') || name.startsWith('var/log/s') || name.includes('journalctl')
        ? kernelLines(text)
        : text;
  }
  // rsyslog writes the line feeds within a message as #012.
  return best === null || best === '' ? null : best.replaceAll('#012', '\n').slice(-TEXT_LIMIT);
}

function kernelLines(text: string): string {
  return text
    .split('\n')
    .filter((line) => OF_KERNEL.test(line.slice(0, 256)))
    .join('\n');
}
