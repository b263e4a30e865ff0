/**
 * Runs scenarios by name, each in a process of its own.
 *
 *   npm run bench:run -- NAME [FLAGS]     one scenario; NAME --help tells its flags
 *   npm run bench:run                     what there is
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { listScenarios } from './list.js';

const [name, ...flags] = process.argv.slice(2);
const listed = await listScenarios();
const found = name === undefined ? undefined : listed.get(name);
if (found === undefined) {
  if (name !== undefined) console.error(`there is no scenario ${name}`);
  for (const [known, { scenario }] of listed) console.log(`${known.padEnd(18)}${scenario.describe}`);
  process.exitCode = name === undefined ? 0 : 2;
} else {
  const file = fileURLToPath(new URL(found.file, import.meta.url));
  process.exitCode = spawnSync(process.execPath, [file, ...flags], { stdio: 'inherit' }).status ?? 1;
}
