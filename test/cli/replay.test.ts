import { expect, it } from 'vitest';
import { buildProgram } from '../../src/cli/program.js';

function run(...args: string[]): Promise<unknown> {
  return buildProgram('0').parseAsync(['replay', ...args], { from: 'user' });
}

it('without a terminal it says what to do instead, also where standard input is the recording', async () => {
  // Any file that is there: it is not opened before the terminal.
  for (const file of ['package.json', '-']) {
    await expect(run(file)).rejects.toMatchObject({
      message: expect.stringMatching(/^the screen needs a terminal/) as string,
      nextSteps: [`Without one: unfreed top ${file}`],
    });
  }
});
