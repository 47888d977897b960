import { request } from 'node:http';
import { connect } from 'node:net';
import type { AddressRules, Clock } from '@vedette/runtime';
import { bulkhead } from 'cockatiel';
import type { DeviceAddress } from './device-address.ts';

export interface ScanOptions {
  readonly rules: Pick<AddressRules, 'refusal'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onFound: (kind: 'onvif' | 'rtsp', at: DeviceAddress) => void;
  readonly onTried: () => void;
}

/** Where ONVIF services of common makes are. */
const ONVIF_PORTS = [80, 8000, 8080, 8899];
const RTSP_PORT = 554;
const AT_ONCE = 64;
/** A few dozen connections a second: no switch and no intrusion detection minds. */
const ADDRESS_EVERY_MS = 15;
const ANSWER_MS = 1500;
const MAX_ANSWER = 16 * 1024;

const GET_TIME =
  '<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>' +
  '<GetSystemDateAndTime xmlns="http://www.onvif.org/ver10/device/wsdl"/></s:Body></s:Envelope>';

/** Tries addresses one after the other: an ONVIF service on a usual port, else an RTSP one. Resolves when all were tried. */
export async function scanAddresses(addresses: readonly string[], options: ScanOptions): Promise<void> {
  const { clock, onTried, signal } = options;
  const gate = bulkhead(AT_ONCE, addresses.length);
  const tries: Promise<void>[] = [];
  for (const address of addresses) {
    signal.throwIfAborted();
    tries.push(
      gate.execute(async () => {
        if (!signal.aborted) await tryAddress(address, options);
        onTried();
      }),
    );
    await clock.sleep(ADDRESS_EVERY_MS, signal);
  }
  await Promise.all(tries);
}

async function tryAddress(host: string, { onFound, rules, signal }: ScanOptions): Promise<void> {
  const allowed = (port: number) => rules.refusal(host, port) === undefined;
  const answers = await Promise.all(
    ONVIF_PORTS.filter(allowed).map(async (port) => ((await isOnvif(host, port, signal)) ? port : undefined)),
  );
  const port = answers.find((answer) => answer !== undefined);
  if (port !== undefined) onFound('onvif', { host, port });
  else if (allowed(RTSP_PORT) && (await isRtsp(host, RTSP_PORT, signal)))
    onFound('rtsp', { host, port: RTSP_PORT });
}

/** A device service tells its time to everybody (ONVIF Core section 5.9.4.5). */
function isOnvif(host: string, port: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request(
      {
        host,
        port,
        method: 'POST',
        path: '/onvif/device_service',
        headers: {
          'content-type': 'application/soap+xml; charset=utf-8',
          'content-length': Buffer.byteLength(GET_TIME),
        },
        signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
        agent: false,
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
          if (text.length > MAX_ANSWER) response.destroy();
        });
        response.on('close', () => resolve(/GetSystemDateAndTimeResponse|onvif\.org/i.test(text)));
        response.on('error', () => resolve(false));
      },
    );
    asked.on('error', () => resolve(false));
    asked.end(GET_TIME);
  });
}

function isRtsp(host: string, port: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]) });
    socket.on('error', () => resolve(false));
    socket.on('close', () => resolve(false));
    socket.on('connect', () => socket.write(`OPTIONS rtsp://${host}:${port}/ RTSP/1.0\r\nCSeq: 1\r\n\r\n`));
    socket.once('data', (data) => {
      resolve(data.toString('latin1', 0, 8).startsWith('RTSP/1.'));
      socket.destroy();
    });
  });
}
