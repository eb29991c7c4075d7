/** Given to the application with `--import`: SIGUSR2 is a bug that nobody catches. */
process.on('SIGUSR2', () => {
  throw new Error('a bug that nobody catches');
});
