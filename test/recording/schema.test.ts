import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

it('the committed schema is, byte for byte, what npm run schema makes of schema.proto', () => {
  const root = join(import.meta.dirname, '../..');
  const ran = spawnSync('npm', ['run', '--silent', 'schema', '--', '--check'], { cwd: root, encoding: 'utf8' });
  expect(ran).toMatchObject({ status: 0, stdout: '', stderr: '' });
});
