let heard: NodeJS.Signals | undefined;
let obey: ((signal: NodeJS.Signals) => void) | undefined;

/**
 * Listens for the signals that end a process, from its first moment on. One that comes during the
 * start is obeyed as soon as the start is through: then there is an order in which to stop.
 */
export function listenForSignals(): void {
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(name, (signal) => {
      heard = signal;
      obey?.(signal);
    });
  }
}

/** Who obeys the signals from now on. */
export function onSignal(stop: (signal: NodeJS.Signals) => void): void {
  obey = stop;
  if (heard) stop(heard);
}
