/** Paths of whoever looks after the process: never shed, and no traffic of users. */
export const operationsPath = /^\/(?:healthz|readyz|metrics|ops|console)(?:[/?]|$)/;
