/** The auth role in a process of its own. */
import { bootstrap } from '../app/bootstrap.js';

await bootstrap('auth');
