/** An alert could not be handed over; the message is for people and holds no secret. */
export class DeliveryFailure extends Error {
  /** Trying again would not help: the address is not allowed, or the other side refuses for good. */
  readonly isFinal: boolean;

  constructor(message: string, options: { readonly isFinal?: boolean; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'DeliveryFailure';
    this.isFinal = options.isFinal ?? false;
  }
}
