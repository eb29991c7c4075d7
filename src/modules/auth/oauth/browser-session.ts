import type { FastifyReply } from 'fastify';
import type { TokenPair } from '../sessions/open-session.js';

/**
 * Gives the session to a browser that is sent on to a page, which can read no body: this is where the
 * cookie of browser sessions belongs. An address is no place for tokens.
 */
export function giveSessionToBrowser(_reply: FastifyReply, _tokens: TokenPair): void {
  // Nothing to set as long as there are no browser sessions.
}
