/** The whole application in one process. */
import { bootstrap } from './app/bootstrap.js';

await bootstrap('all');
