/** The texts of a bundle by name. Of two of one name the first counts. */
import type { LookMember } from './members.js';

export class NamedTexts {
  private readonly members = new Map<string, LookMember>();

  /** Names of sar's binary files, newest last. */
  readonly binaries: string[] = [];

  constructor(members: Iterable<LookMember>) {
    for (const member of members) {
      if (member.name.startsWith('sa/')) this.binaries.push(member.name.slice('sa/'.length));
      if (member.text !== '' && !this.members.has(member.name)) this.members.set(member.name, member);
    }
  }

  get size(): number {
    return this.members.size;
  }

  get(name: string): string | undefined {
    return this.members.get(name)?.text;
  }

  timeMs(name: string): number | null {
    return this.members.get(name)?.timeMs ?? null;
  }

  /** Returns the texts whose names begin so, in the order of the bundle. */
  startingWith(start: string): LookMember[] {
    return [...this.members.values()].filter(({ name }) => name.startsWith(start));
  }

  /** Returns the outputs of a command, with whatever arguments. */
  command(program: string): LookMember[] {
    return [...this.members.values()].filter(
      ({ name }) => name === `command/${program}` || name.startsWith(`command/${program} `),
    );
  }

  [Symbol.iterator](): IterableIterator<LookMember> {
    return this.members.values();
  }
}
