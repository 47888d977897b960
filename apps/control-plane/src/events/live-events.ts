// Enters: one request a browser. Leaves: what happens from now on, as far as this caller may know it.
// Not its job: the past; a client that connects reads the lists afresh.
import type { UserId } from '@vedette/contracts';
import type { Clock } from '@vedette/runtime';
import { VedetteError } from '@vedette/runtime';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { authorize } from '../access/permission.ts';
import { type Principal, principalOf } from '../access/principal.ts';
import type { ViewAccess } from '../sessions/view-access.ts';
import type { BusMessage, EventBus } from './event-bus.ts';
import { EventStream, encodeEvent } from './event-stream.ts';

const MAX_STREAMS = 2000;
const MAX_STREAMS_A_PRINCIPAL = 20;
/** After this long a client must show again who it is. */
const MAX_LIFE_MS = 600_000;

interface Subscription {
  readonly principal: Principal;
  readonly stream: EventStream;
}

/** `GET /api/v1/events`. */
export class LiveEvents {
  readonly #access: Pick<ViewAccess, 'mayView'>;
  readonly #clock: Clock;
  readonly #open = new Set<Subscription>();

  constructor(options: {
    readonly bus: EventBus;
    readonly access: Pick<ViewAccess, 'mayView'>;
    readonly clock: Clock;
  }) {
    this.#access = options.access;
    this.#clock = options.clock;
    options.bus.subscribe((message) => this.#spread(message));
  }

  routes(): FastifyPluginAsyncZod {
    return async (app) => {
      app.addHook('preClose', async () => {
        for (const { stream } of this.#open) stream.end();
      });
      app.get(
        '/events',
        {
          config: { access: 'event.read', produces: ['text/event-stream'] },
          schema: { tags: ['events'], summary: 'What happens from now on, as server-sent events' },
        },
        async (request, reply) => {
          const stream = this.#subscribe(principalOf(request));
          reply
            .type('text/event-stream; charset=utf-8')
            .header('cache-control', 'no-store')
            // nginx would hold events back until its buffer is full.
            .header('x-accel-buffering', 'no');
          return reply.send(stream);
        },
      );
    };
  }

  /** Cuts off a user or token that lost its rights. */
  endFor(id: UserId): void {
    for (const { principal, stream } of this.#open) if (principal.id === id) stream.end();
  }

  #subscribe(principal: Principal): EventStream {
    const own = [...this.#open].filter((other) => other.principal.id === principal.id).length;
    if (own >= MAX_STREAMS_A_PRINCIPAL || this.#open.size >= MAX_STREAMS) {
      throw new VedetteError('rate_limited', { retryAfterSeconds: 5 });
    }
    const stream = new EventStream({ clock: this.#clock });
    const subscription = { principal, stream };
    this.#open.add(subscription);
    const cancel = this.#clock.after(MAX_LIFE_MS, () => stream.end());
    stream.once('close', () => {
      cancel();
      this.#open.delete(subscription);
    });
    return stream;
  }

  #spread(message: BusMessage): void {
    if (this.#open.size === 0) return;
    const text = encodeEvent(message.event);
    for (const { principal, stream } of this.#open) {
      if (!concerns(principal, message)) continue;
      // Of a camera that is gone nobody can say any more who might see it; its id alone tells nothing.
      if (message.event.type === 'camera.deleted') {
        if (message.tenantId === undefined || message.tenantId === principal.tenantId) stream.tell(text);
        continue;
      }
      if (!('cameraId' in message.event)) {
        stream.tell(text);
        continue;
      }
      // Somebody whose view has ended is told so, also when it ended because the camera is theirs no more.
      if (message.event.type === 'session.ended' && message.owner === principal.id) {
        stream.tell(text);
        continue;
      }
      this.#access.mayView(principal, message.event.cameraId).then(
        (may) => may && stream.tell(text),
        // Rather none than one too many: the client comes back and reads the lists.
        () => stream.end(),
      );
    }
  }
}

function concerns(principal: Principal, { event, owner }: BusMessage): boolean {
  switch (event.type) {
    case 'node.state':
      return authorize(principal, 'node.read').allowed;
    case 'session.started':
    case 'session.ended':
    case 'session.move':
      return owner === principal.id || authorize(principal, 'session.read').allowed;
    case 'camera.state':
    case 'camera.changed':
    case 'camera.deleted':
      return true;
  }
}
