/** The worker role in a process of its own. */
import { bootstrap } from '../app/bootstrap.js';

await bootstrap('worker');
