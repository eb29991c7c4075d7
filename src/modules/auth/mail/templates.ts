/** The queue of outgoing mail. */
export const MAIL_QUEUE = 'auth.mail';

/** A mail server may be away for most of a day: about sixteen hours of attempts. */
export const MAIL_PATIENCE = { retryLimit: 100, retryDelayMax: 600 };

/** A mail that is to be sent: plain data, so that it can wait in a job. */
export interface Mail {
  to: string;
  template: keyof typeof templates;
}

/** Subject and text of each mail. */
export const templates = {
  'registration-attempt': {
    subject: 'Someone tried to register with your address',
    text: [
      'Hello,',
      '',
      'someone tried to create an account with this e-mail address, which already has one.',
      'If it was you: log in, or reset your password. If not, there is nothing to do.',
      '',
    ].join('\n'),
  },
} as const;
