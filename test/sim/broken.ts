/**
 * Plays histories over broken code until one fails. Usage: `node build/test/sim/broken.js NUMBER MOST`, the number of a breakage
 * and how many histories at most; prints the failure as JSON, or `null`.
 */
import { register } from 'node:module';
import { BREAKAGES } from './breakages.js';

const [number, most] = process.argv.slice(2).map(Number) as [number, number];
register('./break-hook.js', { parentURL: import.meta.url, data: BREAKAGES[number] });
const { playMany } = await import('./play-many.js');
const { failures, histories } = await playMany({ first: 1, histories: most, maxFailures: 1, shrinks: false });
console.log(JSON.stringify(failures.length === 0 ? null : { ...failures[0], histories }));
