/** The static collector carries the notices of all that the linker put into it. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const BPF = new URL('../../bpf/', import.meta.url);
const MAP = new URL('build/unfreed-collect.map', BPF);
const notices = readFileSync(new URL('COPYING.md', BPF), 'utf8');

/** Returns the archives of which a member is in the binary: the first list of a linker map (ld(1), -Map). */
function linkedArchives(map: string): string[] {
  const members = map.slice(map.indexOf('Archive member included'), map.indexOf('Memory Configuration'));
  return [...new Set([...members.matchAll(/^\S*?([\w.+-]+\.a)\(/gm)].map((match) => match[1]))].toSorted();
}

/** Returns the archives that headings name, with the text below each heading. */
function sections(): Map<string, string> {
  const found = new Map<string, string>();
  for (const section of notices.split(/^## /m).slice(1)) {
    const heading = section.slice(0, section.indexOf('\n'));
    for (const [, archive] of heading.matchAll(/`([\w.+-]+\.a)`/g)) found.set(archive, section);
  }
  return found;
}

describe('COPYING.md', () => {
  it.runIf(existsSync(MAP))('has a section for every archive in the binary, and for no other', () => {
    const linked = linkedArchives(readFileSync(MAP, 'utf8'));
    expect(linked).toContain('libbpf.a');
    expect([...sections().keys()].toSorted()).toEqual(linked);
  });

  it.each([...sections()])('carries the copyright and the permission of %s', (_, section) => {
    expect(section).toMatch(/^Copyright|^ +Copyright|^\* .*copyright/m);
    expect(section).toMatch(/redistribut/i);
    expect(section).toMatch(/WITHOUT ANY WARRANTY|AS IS|without any express or implied/i);
  });

  it('carries the texts of the licences that ask for it', () => {
    for (const title of ['GNU LESSER GENERAL PUBLIC LICENSE', 'GNU GENERAL PUBLIC LICENSE'])
      expect(notices).toContain(title);
    expect(notices.match(/END OF TERMS AND CONDITIONS/g)).toHaveLength(2);
    expect(notices).toContain('GCC RUNTIME LIBRARY EXCEPTION');
  });

  it('reads a map of this kind', () => {
    const map =
      'Archive member included to satisfy reference by file (symbol)\n\n' +
      '/usr/lib/x86_64-linux-gnu/libzstd.a(zstd_common.o)\n                              x.o (ZSTD_x)\n' +
      'Memory Configuration\nLOAD /usr/lib/libunused.a\n';
    expect(linkedArchives(map)).toEqual(['libzstd.a']);
  });
});
