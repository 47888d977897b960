// Wires the alerts room: who is heard, what is gathered, how it is sent. Nothing here listens.
import { type CameraId, HOME_TENANT, type NodeId, type TenantId } from '@vedette/contracts';
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
import { type SiteNews, SiteOutages } from './site-outages.ts';
import { StreamNews } from './stream-news.ts';
import { WebhookSender } from './webhook-sender.ts';

export interface AlertsOptions {
  readonly database: Database;
  readonly bus: EventBus;
  /** Whether cameras are there, once it has lasted. */
  readonly onHealth: (listener: (change: HealthChange) => void) => () => void;
  /** How many cameras a site has, and when any of them was last seen to be there. */
  readonly siteFacts: (siteId: string) => { readonly cameras: number; readonly aliveAtMs: number };
  /** As people call it. */
  readonly siteName: (tenantId: TenantId, siteId: string) => Promise<string | undefined>;
  /** Cameras that run on a node. */
  readonly camerasOn: (nodeId: NodeId) => Iterable<CameraId>;
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
  const telling = new Set<Promise<void>>();
  const tellSite = (news: SiteNews, name: string) =>
    gatherer.site(news, name, options.siteFacts(news.siteId).cameras);
  const outages = new SiteOutages({
    clock,
    aliveAtMs: (siteId) => options.siteFacts(siteId).aliveAtMs,
    withdraw: (of) => gatherer.withdraw(of),
    onSite: (news) => {
      const told = options.siteName(news.tenantId, news.siteId).then(
        (name) => tellSite(news, name ?? news.siteId),
        // Better told by its id than not at all.
        () => tellSite(news, news.siteId),
      );
      telling.add(told);
      void told.finally(() => telling.delete(told));
    },
  });
  const camera = (news: CameraNews) => {
    if (!outages.take(news)) gatherer.camera(news);
  };
  const streams = new StreamNews({
    clock,
    onNews: (kind, cameraId, reason) => {
      catalog.find(cameraId).then(
        (found) => {
          if (found === undefined) return;
          const { name, siteId, tenantId } = found;
          camera({ kind, tenantId, siteId, cameraId, name, reason });
        },
        (err: unknown) => log.error({ err, cameraId }, 'nobody is told of a camera that cannot be looked up'),
      );
    },
  });
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
          camera({ kind: `camera.${state}`, tenantId, siteId, cameraId, name, reason }),
        ),
        bus.subscribe(({ event }) => {
          if (event.type === 'camera.state') streams.state(event);
          if (event.type === 'camera.deleted') streams.forget(event.cameraId);
          if (event.type === 'node.state') {
            if (event.state === 'lost' && !lost.has(event.nodeId)) {
              lost.add(event.nodeId);
              const cameras = new Set(options.camerasOn(event.nodeId));
              streams.moved(cameras);
              gatherer.node('node.lost', event.nodeId, HOME_TENANT, cameras.size);
            } else if (event.state === 'connected' && lost.delete(event.nodeId))
              gatherer.node('node.back', event.nodeId, HOME_TENANT, 0);
          }
        }),
      );
      dispatcher.start();
    },
    async close() {
      for (const stop of stops) stop();
      streams.close();
      outages.close();
      await Promise.all(telling);
      gatherer.close();
      await dispatcher.close();
    },
  };
}
