import type { AlertMessage } from '@vedette/contracts';
import { createTransport } from 'nodemailer';
import { DeliveryFailure } from './delivery-failure.ts';

export interface MailOptions {
  /** `smtp[s]://[user:password@]host[:port]`. */
  readonly smtpUrl: string;
  /** Who it is from. */
  readonly from: string;
  /** Where people look further. */
  readonly publicUrl: string;
}

const WITHIN_MS = 10_000;
const LISTED = 100;

/** Alerts as mails that somebody can read at 4 a.m. */
export class MailSender {
  readonly #options: MailOptions;

  constructor(options: MailOptions) {
    this.#options = options;
  }

  /** Throws DeliveryFailure. */
  async send(to: string, message: AlertMessage): Promise<void> {
    const { from, publicUrl, smtpUrl } = this.#options;
    const transport = createTransport(smtpUrl, {
      connectionTimeout: WITHIN_MS,
      greetingTimeout: WITHIN_MS,
      socketTimeout: WITHIN_MS,
      disableFileAccess: true,
      disableUrlAccess: true,
    } as object);
    try {
      await transport.sendMail({
        from,
        to,
        subject: message.title,
        text: textOf(message, publicUrl),
        messageId: `<${message.id}@vedette>`,
        headers: { 'auto-submitted': 'auto-generated' },
      });
    } catch (cause) {
      const code = cause instanceof Error && 'responseCode' in cause ? Number(cause.responseCode) : 0;
      const words = code > 0 ? `The mail server answered ${code}.` : 'The mail server cannot be reached.';
      // 5xx of SMTP is for good, 4xx for now (RFC 5321, 4.2.1); a refused password may be mended by us.
      throw new DeliveryFailure(words, { cause, isFinal: code >= 550 && code < 560 });
    } finally {
      transport.close();
    }
  }
}

export function textOf({ at, cameras, node, title }: AlertMessage, publicUrl: string): string {
  const shown = cameras.slice(0, LISTED).map(({ name, text }) => `- ${name}: ${text}`);
  const rest = cameras.length - shown.length;
  return [
    `${title}.`,
    '',
    ...shown,
    ...(rest > 0 ? [`and ${rest} more`] : []),
    ...(shown.length > 0 ? [''] : []),
    `Since ${at.slice(0, 16).replace('T', ' ')} UTC.`,
    `Look here: ${publicUrl}/${node === null ? 'cameras' : 'nodes'}`,
    '',
  ].join('\n');
}
