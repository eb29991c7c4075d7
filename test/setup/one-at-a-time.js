import TestRunner from 'jest-runner';

/**
 * Runs test files one after the other, after (or before) those of the other projects: for tests that
 * put a load on the machine and measure how long things take.
 */
export default class OneAtATime extends TestRunner {
  isSerial = true;
}
