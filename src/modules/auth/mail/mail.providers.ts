import { AddressMail } from './address-mail.js';
import { DeliverMail } from './deliver-mail.js';
import { DevicesRepository, PgDevicesRepository } from './devices.repository.js';
import { MailboxController } from './mailbox.controller.js';
import { MailboxRepository, PgMailboxRepository } from './mailbox.repository.js';
import { PgRecipientsRepository, RecipientsRepository } from './recipients.repository.js';
import { PrunePace } from './prune-pace.js';
import { ReportNewDevice } from './report-new-device.js';
import { SendMail } from './send-mail.js';

/** Mail: enqueued where auth serves, found its recipient and sent by the worker. */
export const mail = {
  controllers: [MailboxController],
  both: [{ provide: MailboxRepository, useClass: PgMailboxRepository }],
  serving: [
    { provide: DevicesRepository, useClass: PgDevicesRepository },
    SendMail,
    ReportNewDevice,
  ],
  working: [
    { provide: RecipientsRepository, useClass: PgRecipientsRepository },
    AddressMail,
    DeliverMail,
    PrunePace,
  ],
};
