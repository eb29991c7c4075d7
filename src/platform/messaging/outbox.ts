import { Injectable } from '@nestjs/common';
import { statement } from '../database/statement.js';
import type { Tx } from '../database/transaction.js';
import type { DomainEvent } from './domain-event.js';
import { Relay } from './relay.js';

const append = statement(
  'outbox.append',
  `INSERT INTO platform.outbox (tenant_id, type, channels, data, trace)
   SELECT e.tenant_id, e.type, string_to_array(e.channels, ' '), e.data::json, e.trace
   FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
     WITH ORDINALITY AS e (tenant_id, type, channels, data, trace, nth)
   ORDER BY e.nth`,
);

/** Where a use case leaves its events: in the same transaction as the change itself. */
@Injectable()
export class Outbox {
  private readonly pending = new WeakMap<Tx, DomainEvent[]>();

  constructor(private readonly relay: Relay) {}

  /** Stores the event with the transaction; it is sent with the COMMIT, all events in one statement. */
  append(tx: Tx, event: DomainEvent): void {
    const events = this.pending.get(tx);
    if (events) {
      events.push(event);
      return;
    }
    const first = [event];
    this.pending.set(tx, first);
    tx.atCommit(() => this.write(tx, first));
    tx.onCommitted(() => this.relay.wake());
  }

  private write(tx: Tx, events: DomainEvent[]): Promise<unknown> {
    return tx.execute(append, [
      events.map((event) => event.tenantId),
      events.map((event) => event.type),
      events.map((event) => event.channels.join(' ')),
      events.map((event) => JSON.stringify(event.data)),
      events.map((event) => event.trace),
    ]);
  }
}
