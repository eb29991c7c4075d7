/** Connections that are kept busy, each with one request at a time. */
export const CONNECTIONS = 32;
