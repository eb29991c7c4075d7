/** Checks one password over and over, so many at a time, and prints how many checks a second that makes. */
import { verify } from '@node-rs/argon2';

const [hash = '', password = '', concurrency = '1', seconds = '5'] = process.argv.slice(2);

let checks = 0;
const began = performance.now();
const end = began + Number(seconds) * 1000;

async function checkUntilTheEnd(): Promise<void> {
  while (performance.now() < end) {
    if (!(await verify(hash, password))) throw new Error('the password does not fit its hash');
    checks++;
  }
}

await Promise.all(Array.from({ length: Number(concurrency) }, checkUntilTheEnd));
process.stdout.write(String((checks * 1000) / (performance.now() - began)));
