/** Importing this makes every section of the configuration known, for commands that start nothing. */
import './app.module.js';
import './bootstrap.js';
