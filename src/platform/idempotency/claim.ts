/** The idempotency key of a request, and what became of it. */
export class IdempotencyClaim {
  /** Whether the answer comes from storage. */
  replayed = false;
  /** Whether a transaction of the request has taken the claim; the first one does, only it counts. */
  taken = false;

  /**
   * @param key the caller's key
   * @param route method and path of the request
   * @param caller who sends it as far as the connection and its cookie tell; the user id goes before it
   * @param body reads the parsed body; another body under the same key is refused
   */
  constructor(
    readonly key: string,
    readonly route: string,
    readonly caller: string,
    readonly body: () => unknown,
  ) {}
}

/** 1 to 255 printable ASCII characters. */
export const idempotencyKeyPattern = /^[\x20-\x7e]{1,255}$/;
