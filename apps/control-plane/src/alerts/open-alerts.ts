// Wires the alerts room: who is heard, what is gathered, how it is sent. Nothing here listens.
import { type CameraId, HOME_TENANT, type ReasonCode } from '@vedette/contracts';
import type { AllowedHosts, Clock, Log } from '@vedette/runtime';
import type { FastifyPluginAsync } from 'fastify';
import type { Database } from '../database/database.ts';
import type { EventBus } from '../events/event-bus.ts';
import { IdempotencyStore } from '../http/idempotency-store.ts';
import type { Duty } from '../processes/duty.ts';
import type { HealthChange } from '../registry/health/health-checker.ts';
import type { Envelope } from '../registry/secrets/envelope.ts';
import type { Resolve } from '../registry/source-check.ts';
import type { CameraCatalog } from '../streams/camera-catalog.ts';
import { AlertDispatcher, type SendAlert } from './alert-dispatcher.ts';
import { AlertGatherer, type CameraNews } from './alert-gatherer.ts';
import { alertRoutes, targetOwner } from './alert-routes.ts';
import { AlertStore } from './alert-store.ts';
import { DeliveryFailure } from './delivery-failure.ts';
import { type MailOptions, MailSender } from './mail-sender.ts';
import { WebhookSender } from './webhook-sender.ts';

export interface AlertsOptions {
  readonly database: Database;
  readonly bus: EventBus;
  /** Whether cameras are there, once it has lasted. */
  readonly onHealth: (listener: (change: HealthChange) => void) => () => void;
  readonly catalog: Pick<CameraCatalog, 'find'>;
  readonly envelope: Envelope;
  readonly webhookHosts: AllowedHosts;
  readonly resolve: Resolve;
  readonly mail: MailOptions | undefined;
  /** Every control process sees what happens, one tells people. */
  readonly duty: Pick<Duty, 'isMine'>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

export interface Alerts {
  /** Under /api/v1. */
  readonly routes: FastifyPluginAsync;
  start(): void;
  close(): Promise<void>;
}

export function openAlerts(options: AlertsOptions): Alerts {
  const { bus, catalog, clock, envelope, log, mail } = options;
  const store = new AlertStore(options);
  const webhooks = new WebhookSender({ hosts: options.webhookHosts, resolve: options.resolve });
  const mails = mail === undefined ? undefined : new MailSender(mail);
  const send: SendAlert = async ({ destination, id, sealedSecret }, message) => {
    if (destination.kind === 'webhook') {
      const secret = await envelope.open(sealedSecret, targetOwner(id));
      return webhooks.send(new URL(destination.url), secret, message, clock.wallNow());
    }
    if (mails === undefined) throw new DeliveryFailure('No mail server is set.', { isFinal: true });
    return mails.send(destination.to, message);
  };
  const dispatcher = new AlertDispatcher({ ...options, store, send });
  const gatherer = new AlertGatherer({
    clock,
    onAlert: (alert) => {
      if (options.duty.isMine) dispatcher.take(alert);
    },
  });
  const streams = new Map<CameraId, 'live' | 'offline'>();
  const told = (kind: CameraNews['kind'], cameraId: CameraId, reason: ReasonCode) => {
    catalog.find(cameraId).then(
      (camera) => {
        if (camera === undefined) return;
        const { name, siteId, tenantId } = camera;
        gatherer.camera({ kind, tenantId, siteId, cameraId, name, reason });
      },
      (err: unknown) => log.error({ err, cameraId }, 'nobody is told of a camera that cannot be looked up'),
    );
  };
  const lost = new Set<string>();
  const stops: (() => void)[] = [];
  return {
    routes: alertRoutes({
      store,
      idempotency: new IdempotencyStore(options),
      envelope,
      webhooks,
      hasMail: mails !== undefined,
      send,
      clock,
    }),
    start() {
      stops.push(
        options.onHealth(({ cameraId, name, reason, siteId, state, tenantId }) =>
          gatherer.camera({ kind: `camera.${state}`, tenantId, siteId, cameraId, name, reason }),
        ),
        bus.subscribe(({ event }) => {
          if (event.type === 'camera.state') {
            const before = streams.get(event.cameraId);
            if (event.state === 'live' || event.state === 'offline') streams.set(event.cameraId, event.state);
            if (event.state === 'idle') streams.delete(event.cameraId);
            if (event.state === 'live' && before !== 'live')
              told('stream.started', event.cameraId, event.reason);
            if (event.state === 'offline' && before !== 'offline')
              told('stream.error', event.cameraId, event.reason);
            if (event.state === 'idle' && before === 'live')
              told('stream.stopped', event.cameraId, event.reason);
          }
          if (event.type === 'camera.deleted') streams.delete(event.cameraId);
          if (event.type === 'node.state') {
            if (event.state === 'lost' && !lost.has(event.nodeId)) {
              lost.add(event.nodeId);
              gatherer.node('node.lost', event.nodeId, HOME_TENANT);
            } else if (event.state === 'connected' && lost.delete(event.nodeId))
              gatherer.node('node.back', event.nodeId, HOME_TENANT);
          }
        }),
      );
      dispatcher.start();
    },
    async close() {
      for (const stop of stops) stop();
      gatherer.close();
      await dispatcher.close();
    },
  };
}
