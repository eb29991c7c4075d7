import { Injectable, type OnModuleInit } from '@nestjs/common';
import { levelOf } from '../errors/outage.js';
import { Lifecycle } from '../lifecycle/lifecycle.js';
import { loggerOf } from '../logging/logger.js';
import { Bus } from '../messaging/bus.js';
import { WakeableLoop } from '../messaging/wakeable-loop.js';
import type { Principal } from './principal.js';

const log = loggerOf('security');

/** Something that tokens under way do not know: their session or key has ended, or the account has other roles. */
export interface Revocation {
  kind: 'session' | 'key' | 'roles';
  /** The id of the session or API key, the `kid`, or the id of the user. */
  subject: string;
  /** Of `roles`: those that the account has now. */
  roles: string[] | null;
  /** Unix seconds. */
  createdAt: number;
  /** Unix seconds; by then the last token that it concerns has ended by itself. */
  expiresAt: number;
}

/** What was committed since a cursor, newest first. */
export interface RevocationPage {
  /** A snapshot of PostgreSQL (`xmin:xmax:under way`). */
  cursor: string;
  items: Revocation[];
}

/** Where revocations are read: auth provides it, from its tables or over the wire. */
export abstract class RevocationFeed {
  /** @param cursor of the page before, or `BEGINNING`; a page has at most `MAX_REVOCATIONS` */
  abstract after(cursor: string): Promise<RevocationPage>;
}

/** The cursor before everything that still matters. */
export const BEGINNING = '1:1:';

/** Of each kind, and in a page; ten times the sessions that end in a busy quarter of an hour; 190 bytes each. */
export const MAX_REVOCATIONS = 100_000;

/** The bus says at once that there is something new; where it failed to, this is the delay. The contract has 5 s. */
const PACE = { everyMs: 2000, restMs: 20 };

/** A transaction is over by then: its statements may wait no longer. */
const COMMITS_WITHIN_SECONDS = 10;

type Listener = () => void;

/**
 * The revocations that still matter, in the memory of every process: a token is judged by three
 * look-ups (0.08 µs among 100,000; in one map, with the kind in its keys, 0.73). When there are more
 * than fit, the oldest are forgotten and every token that was issued before them is refused: its
 * client refreshes and goes on.
 */
@Injectable()
export class Revocations implements OnModuleInit {
  private readonly known: Record<Revocation['kind'], Map<string, Revocation>> = {
    session: new Map(),
    key: new Map(),
    roles: new Map(),
  };
  private readonly listeners = new Set<Listener>();
  private cursor: string | undefined;
  private reading: Promise<void> | undefined;
  private refusedBefore = 0;
  private readonly loop = new WakeableLoop(() => this.round(), PACE);

  constructor(
    private readonly feed: RevocationFeed,
    private readonly bus: Bus,
    private readonly lifecycle: Lifecycle,
  ) {}

  onModuleInit(): void {
    const unsubscribe = this.bus.subscribe((message) => {
      if (message.topic === 'revocations') this.loop.wake();
    });
    this.loop.start();
    this.lifecycle.onStop('bus', () => {
      unsubscribe();
      return this.loop.stop();
    });
  }

  /** Resolves when all that still matters was read once. @throws when it cannot be read */
  async loaded(): Promise<void> {
    if (this.cursor === undefined) await this.read();
  }

  /** Reads now what is new: for who has just written it, or was told of it. @throws when it cannot be read */
  async catchUp(): Promise<void> {
    await this.reading?.catch(() => undefined); // it may have begun before that commit
    await this.read();
  }

  /** @returns the caller as of now, with the roles of now; undefined when the credential was revoked */
  judge(principal: Principal): Principal | undefined {
    if (principal.issuedAt < this.refusedBefore) return undefined;
    if (this.hasEnded(principal)) return undefined;
    if (principal.keyId !== undefined && this.known.key.has(principal.keyId)) return undefined;
    const roles = this.known.roles.get(principal.userId)?.roles;
    return roles ? { ...principal, roles } : principal;
  }

  /**
   * A session never comes back, so no clock is asked. An API key does when its account is unbanned: it
   * is good again once it was looked up, by the database's clock, after its end had been committed.
   */
  private hasEnded({ sessionId, scopes, issuedAt }: Principal): boolean {
    const end = this.known.session.get(sessionId);
    if (end === undefined || scopes === undefined) return end !== undefined;
    return issuedAt < end.createdAt + COMMITS_WITHIN_SECONDS;
  }

  /** Whether every token that the key signs is refused. */
  isRevokedKey(kid: string): boolean {
    return this.known.key.has(kid);
  }

  /** Told after something new was learnt. */
  onChange(listener: Listener): void {
    this.listeners.add(listener);
  }

  private async round(): Promise<void> {
    try {
      await this.catchUp();
    } catch (error) {
      log.at(
        levelOf(error),
        { err: error, event: 'revocations_not_read' },
        'revocations could not be read; it is tried again',
      );
    }
  }

  private read(): Promise<void> {
    this.reading ??= this.feed
      .after(this.cursor ?? BEGINNING)
      .then((page) => this.take(page))
      .finally(() => (this.reading = undefined));
    return this.reading;
  }

  private take({ cursor, items }: RevocationPage): void {
    // Transaction ids that are lower than before: it is another database, after a restore. Begin anew.
    const isAnother = this.cursor !== undefined && xminOf(cursor) < xminOf(this.cursor);
    this.cursor = isAnother ? BEGINNING : cursor;
    this.forgetExpired();
    let isNew = false;
    for (const item of items.toReversed()) {
      const known = this.known[item.kind];
      if (known.get(item.subject)?.createdAt === item.createdAt) continue;
      isNew = true;
      known.delete(item.subject); // to its place by age
      known.set(item.subject, item);
    }
    if (items.length >= MAX_REVOCATIONS) this.refuseBefore(items.at(-1)?.createdAt ?? 0);
    for (const known of Object.values(this.known)) this.bound(known);
    if (isNew) for (const listener of this.listeners) listener();
  }

  private forgetExpired(): void {
    const now = Date.now() / 1000;
    for (const known of Object.values(this.known))
      for (const [subject, { expiresAt }] of known) if (expiresAt < now) known.delete(subject);
  }

  private bound(known: Map<string, Revocation>): void {
    for (const [subject, { createdAt }] of known) {
      if (known.size <= MAX_REVOCATIONS) return;
      known.delete(subject);
      this.refuseBefore(createdAt);
    }
  }

  /** Tokens say the second at which they were issued: all of the one that is just passing are refused. */
  private refuseBefore(seconds: number): void {
    this.refusedBefore = Math.max(this.refusedBefore, Math.ceil(seconds));
  }
}

const xminOf = (cursor: string): bigint => BigInt(cursor.slice(0, cursor.indexOf(':')));
