import { IssueOneTimeToken } from './issue-one-time-token.js';
import {
  OneTimeTokensRepository,
  PgOneTimeTokensRepository,
} from './one-time-tokens.repository.js';
import { PruneOneTimeTokens } from './prune-one-time-tokens.js';
import { UseOneTimeToken } from './use-one-time-token.js';

/** The secrets of links: used where auth serves, made by the worker that sends them. */
export const oneTimeTokens = {
  both: [{ provide: OneTimeTokensRepository, useClass: PgOneTimeTokensRepository }],
  serving: [UseOneTimeToken],
  working: [IssueOneTimeToken, PruneOneTimeTokens],
};
