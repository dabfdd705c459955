import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { bundleProgram } from '../helpers/terminal.js';

interface Growth {
  frames: number;
  bytes: number;
  growth: number;
  inkFrames: number;
  inkGrowth: number;
}

test('memory stays flat over 10,000 frames with changing content', { timeout: 180_000 }, async () => {
  const program = await bundleProgram('test/view/fixtures/memory-program.ts');
  try {
    const out = execFileSync(process.execPath, ['--expose-gc', program.file], { encoding: 'utf8' });
    const growth = JSON.parse(out) as Growth;
    expect(growth.frames).toBe(10_000);
    expect(growth.bytes / growth.frames).toBeGreaterThan(500);
    // A leak of one line of text a frame would be 1 MB.
    expect(growth.growth).toBeLessThan(500_000);
    // Ink keeps every text that it has ever measured; the chrome has few different ones.
    expect(growth.inkGrowth / growth.inkFrames).toBeLessThan(10_000);
  } finally {
    program.remove();
  }
});
