/** Every command of ours that a finding recommends is one that this program takes. */
import type { Command } from 'commander';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildProgram } from '../../src/cli/program.js';
import { shellWord } from '../../src/triage/next-commands.js';
import type { TriageFinding } from '../../src/triage/report.js';
import { allFindings, shellWords } from '../helpers/next-commands.js';

let findings: TriageFinding[] = [];
beforeAll(async () => {
  findings = await allFindings();
});

/** Parses the words and runs nothing; returns the command, its file and its flags. Throws what commander says. */
async function parsed(words: string[]): Promise<{ name: string; files: string[]; flags: Record<string, unknown> }> {
  const program = buildProgram('0.0.0');
  const found: { name: string; files: string[]; flags: Record<string, unknown> }[] = [];
  const tame = (command: Command): void => {
    command.exitOverride().configureOutput({ writeErr: () => undefined });
    command.action(() => {
      found.push({ name: command.name(), files: command.args, flags: command.opts() });
    });
    command.commands.forEach(tame);
  };
  program.commands.forEach(tame);
  program.exitOverride().configureOutput({ writeErr: () => undefined });
  await program.parseAsync(words, { from: 'user' });
  return found[0];
}

describe('the next commands', () => {
  it('parse, with what the command needs', async () => {
    const commands = [...new Set(findings.flatMap(({ next }) => next))].filter((text) => text.startsWith('unfreed'));
    expect(commands.length).toBeGreaterThan(20);
    for (const command of commands) {
      const [program, ...words] = shellWords(command);
      expect(program).toBe('unfreed');
      const { name, files, flags } = await parsed(words).catch((error: unknown) => {
        throw new Error(`${command}: ${String(error)}`);
      });
      if (name === 'record') {
        expect(files, command).toEqual([]);
        expect(flags, command).toMatchObject({ output: expect.stringMatching(/\.unfreed$/) as string });
        expect(flags['duration'], command).toBeGreaterThanOrEqual(60e9);
        expect(flags['duration'], command).toBeLessThanOrEqual(3600e9);
        expect(flags['maxOverhead'], command).toBeGreaterThan(0);
        expect(flags['minAge'], command).toBeGreaterThan(0);
        expect((flags['allocator'] as string[]).length, command).toBeGreaterThan(0);
      }
    }
  });

  it('are there for each rule that a trace answers, and read the file that was recorded before', () => {
    const ours = findings.filter(({ next }) => next.some((text) => text.startsWith('unfreed')));
    expect([...new Set(ours.map(({ rule }) => rule))].toSorted()).toEqual(
      expect.arrayContaining(['R11', 'R13', 'R16', 'R22', 'R3', 'R4', 'R5', 'R6', 'R7', 'R8', 'R9']),
    );
    for (const { next } of ours) {
      const [, file] = next.map((text) => /^unfreed record -o (\S+)/.exec(text)).find((match) => match !== null) ?? [];
      for (const read of next.filter((text) => /^unfreed top \S+\.unfreed/.test(text))) {
        expect(read).toMatch(`unfreed top ${file} `);
      }
    }
  });

  it('take a pace into account: a fast one is recorded for minutes', () => {
    const growing = findings.filter(({ rule, growthBytesPerHour }) => rule === 'R22' && (growthBytesPerHour ?? 0) > 0);
    expect(growing.flatMap(({ next }) => next)).toContainEqual(expect.stringMatching(/--duration (?:\d+s|\d+m)$/));
  });

  it('quote what a shell would read otherwise', () => {
    for (const word of ['dentry', "a'b", '$(reboot)', 'a b', '', '`x`', 'a;b', '-n', 'ü', '*']) {
      expect(shellWords(shellWord(word))).toEqual([word]);
    }
  });
});
