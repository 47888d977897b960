import {
  AlertDelivery,
  type AlertDestination,
  AlertTargetChange,
  AlertTargetCreated,
  AlertTargetInput,
  AlertTargetView,
  AlertTestAnswer,
  DeliveryState,
} from '@vedette/contracts';
import { type Clock, newId, VedetteError } from '@vedette/runtime';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { principalOf } from '../access/principal.ts';
import { createOnce, IdempotencyHeaders } from '../http/create-once.ts';
import type { IdempotencyStore } from '../http/idempotency-store.ts';
import { cutPage, decodeCursor, PageQuery, pageOf } from '../http/page.ts';
import { invalidFields } from '../http/validation.ts';
import { given } from '../registry/organisation/given.ts';
import type { Envelope } from '../registry/secrets/envelope.ts';
import type { SendAlert } from './alert-dispatcher.ts';
import { messageOf } from './alert-gatherer.ts';
import type { AlertStore, AlertTarget } from './alert-store.ts';
import { DeliveryFailure } from './delivery-failure.ts';
import { newWebhookSecret, type WebhookSender } from './webhook-sender.ts';

const config = { access: 'alert.manage' } as const;
const tags = ['alerts'];
const params = z.object({ id: z.string().max(40) });

export interface AlertRoutesOptions {
  readonly store: AlertStore;
  readonly idempotency: IdempotencyStore;
  readonly envelope: Pick<Envelope, 'seal'>;
  readonly webhooks: Pick<WebhookSender, 'refusal'>;
  readonly hasMail: boolean;
  readonly send: SendAlert;
  readonly clock: Pick<Clock, 'wallNow'>;
}

/** What the secret of a target is sealed for. */
export function targetOwner(id: string): string {
  return `alert target ${id}`;
}

/** Whom to tell, and what is on its way, under /api/v1. */
export function alertRoutes(options: AlertRoutesOptions): FastifyPluginAsyncZod {
  const { clock, envelope, hasMail, idempotency, send, store, webhooks } = options;
  const check = async (destination: AlertDestination) => {
    if (destination.kind === 'email') {
      if (hasMail) return;
      throw invalidFields({
        path: 'destination.kind',
        message: 'no mail server is set (SMTP_URL, MAIL_FROM)',
      });
    }
    const refused = await webhooks.refusal(new URL(destination.url));
    if (refused !== undefined) throw invalidFields({ path: 'destination.url', message: refused });
  };
  return async (app) => {
    app.get(
      '/alert-targets',
      {
        config,
        schema: { tags, summary: 'Whom alerts are sent to', response: { 200: pageOf(AlertTargetView) } },
      },
      async (request) => {
        const found = await store.targets(principalOf(request).tenantId);
        return { items: found.map(viewOf), nextCursor: null };
      },
    );
    app.post(
      '/alert-targets',
      {
        config,
        schema: {
          tags,
          summary: 'Add a webhook or a mail address; the secret of a webhook is answered this once',
          headers: IdempotencyHeaders,
          body: AlertTargetInput,
          response: { 201: AlertTargetCreated },
        },
      },
      async (request, reply) => {
        const { tenantId } = principalOf(request);
        const { destination } = request.body;
        await check(destination);
        const made = await createOnce<AlertTargetCreated>(request, {
          store: idempotency,
          kind: 'alert-target',
          idOf: ({ id }) => id,
          async read(id) {
            const known = await store.target(tenantId, id);
            return known === undefined ? undefined : { ...viewOf(known), secret: null };
          },
          async create() {
            const id = newId();
            const secret = destination.kind === 'webhook' ? newWebhookSecret() : null;
            const sealedSecret =
              secret === null ? null : await envelope.seal(tenantId, secret, targetOwner(id));
            const target = await store.addTarget({ ...request.body, id, tenantId, sealedSecret });
            request.audit({ kind: 'alert-target-created', data: { after: viewOf(target) } });
            return { ...viewOf(target), secret };
          },
        });
        return reply.code(201).send(made);
      },
    );
    app.patch(
      '/alert-targets/:id',
      {
        config,
        schema: {
          tags,
          summary: 'Change whom alerts are sent to',
          params,
          body: AlertTargetChange,
          response: { 200: AlertTargetView },
        },
      },
      async (request) => {
        const { tenantId } = principalOf(request);
        const { id } = request.params;
        const before = await store.target(tenantId, id);
        if (before === undefined) throw new VedetteError('not_found');
        const { destination } = request.body;
        if (destination !== undefined && destination.kind !== before.destination.kind)
          throw invalidFields({ path: 'destination.kind', message: 'cannot be changed: add another target' });
        if (destination !== undefined) await check(destination);
        const after = await store.changeTarget(tenantId, id, given(request.body));
        if (after === undefined) throw new VedetteError('not_found');
        request.audit({
          kind: 'alert-target-changed',
          data: { before: viewOf(before), after: viewOf(after) },
        });
        return viewOf(after);
      },
    );
    app.delete(
      '/alert-targets/:id',
      {
        config,
        schema: {
          tags,
          summary: 'Send no more alerts there; what is on its way is dropped',
          params,
          response: { 204: z.void() },
        },
      },
      async (request, reply) => {
        const { tenantId } = principalOf(request);
        if (!(await store.removeTarget(tenantId, request.params.id))) throw new VedetteError('not_found');
        request.audit({ kind: 'alert-target-deleted', data: { id: request.params.id } });
        return reply.code(204).send();
      },
    );
    app.post(
      '/alert-targets/:id/test',
      {
        config,
        schema: {
          tags,
          summary: 'Send a test alert at once, and say whether it arrived',
          params,
          response: { 200: AlertTestAnswer },
        },
      },
      async (request) => {
        const target = await store.target(principalOf(request).tenantId, request.params.id);
        if (target === undefined) throw new VedetteError('not_found');
        const message = messageOf('test', 'This is a test of Vedette', clock.wallNow(), [], null);
        try {
          await send(target, message);
          return { delivered: true, detail: 'It has arrived.' };
        } catch (error) {
          if (error instanceof DeliveryFailure) return { delivered: false, detail: error.message };
          throw error;
        }
      },
    );
    app.get(
      '/alert-deliveries',
      {
        config,
        schema: {
          tags,
          summary: 'Alerts on their way, arrived, and given up (`dead`), newest first',
          querystring: PageQuery.extend({ state: DeliveryState.optional() }),
          response: { 200: pageOf(AlertDelivery) },
        },
      },
      async (request) => {
        const { cursor, limit, state } = request.query;
        const [at, id] = cursor === undefined ? [] : decodeCursor(cursor, 2);
        const before =
          at === undefined || id === undefined || Number.isNaN(Date.parse(at))
            ? undefined
            : { at: new Date(at), id };
        const found = await store.deliveries(principalOf(request).tenantId, {
          state,
          limit: limit + 1,
          before,
        });
        const page = cutPage(found, limit, ({ delivery }) => [delivery.createdAt.toISOString(), delivery.id]);
        const items = page.items.map(({ delivery, targetName }) => {
          const { attempts, createdAt, event, id: deliveryId, lastError, nextAt, targetId } = delivery;
          return {
            id: deliveryId,
            targetId,
            targetName,
            message: event,
            state: delivery.state,
            attempts,
            lastError,
            nextAt: nextAt.toISOString(),
            createdAt: createdAt.toISOString(),
          };
        });
        return { items, nextCursor: page.nextCursor };
      },
    );
    app.post(
      '/alert-deliveries/:id/retry',
      {
        config,
        schema: { tags, summary: 'Try again what was given up', params, response: { 204: z.void() } },
      },
      async (request, reply) => {
        const { tenantId } = principalOf(request);
        if (!(await store.retry(tenantId, request.params.id, new Date(clock.wallNow()))))
          throw new VedetteError('not_found');
        return reply.code(204).send();
      },
    );
  };
}

function viewOf({ createdAt, destination, enabled, events, id, name }: AlertTarget): AlertTargetView {
  return { id, name, destination, events, enabled, createdAt: createdAt.toISOString() };
}
