/** What was started for this run, and how to stop it. */
export const running: (() => Promise<void>)[] = [];
