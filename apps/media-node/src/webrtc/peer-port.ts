// The one UDP port of a node that all its WebRTC connections share, and connections on it.
// Not its job: what they carry.
import type { Clock } from '@vedette/runtime';
import nodeDataChannel from 'node-datachannel';

export type PeerConnection = InstanceType<typeof nodeDataChannel.PeerConnection>;
type PortHolder = InstanceType<typeof nodeDataChannel.IceUdpMuxListener>;

export interface PeerPortOptions {
  readonly clock: Clock;
  readonly bind: string;
  readonly udpPort: number;
  /** Addresses offered beside the machine's own. */
  readonly publicHosts: readonly string[];
}

const GATHERING_MS = 1000;

export class PeerPort {
  readonly udpPort: number;
  readonly publicHosts: readonly string[];
  readonly #options: PeerPortOptions;
  /**
   * Keeps the port while nobody is connected: the library itself opens it with the first peer and closes it after the
   * last, and a port that somebody else took in between would end the whole process.
   */
  readonly #holder: PortHolder;

  /** Throws an error with code `EADDRINUSE` when the UDP port cannot be had. */
  constructor(options: PeerPortOptions) {
    this.#options = options;
    this.udpPort = options.udpPort;
    this.publicHosts = options.publicHosts;
    nodeDataChannel.initLogger('Fatal', () => undefined);
    // Loads certificates and threads now, so that the first viewer does not pay for them.
    nodeDataChannel.preload();
    this.#holder = holdPort(options);
  }

  connect(): PeerConnection {
    const { bind, udpPort } = this.#options;
    return new nodeDataChannel.PeerConnection('peer', {
      iceServers: [],
      enableIceUdpMux: true,
      portRangeBegin: udpPort,
      portRangeEnd: udpPort,
      disableAutoNegotiation: true,
      ...(isAnyAddress(bind) ? {} : { bindAddress: bind }),
    });
  }

  /** The answer with all candidates; host candidates only, so this takes as long as reading the interfaces. */
  async answer(connection: PeerConnection): Promise<string> {
    const gathered = new Promise<void>((resolve) => {
      const cancel = this.#options.clock.after(GATHERING_MS, resolve);
      connection.onGatheringStateChange((state) => {
        if (state !== 'complete') return;
        cancel();
        resolve();
      });
    });
    connection.setLocalDescription('answer');
    await gathered;
    const description = connection.localDescription();
    if (description === null) throw new Error('no local description');
    return description.sdp;
  }

  close(): void {
    this.#holder.stop();
  }
}

function holdPort({ bind, udpPort }: PeerPortOptions): PortHolder {
  try {
    return new nodeDataChannel.IceUdpMuxListener(udpPort, isAnyAddress(bind) ? undefined : bind);
  } catch (cause) {
    throw Object.assign(
      new Error(`UDP port ${udpPort} cannot be opened on ${bind}: another program has it.`, { cause }),
      { code: 'EADDRINUSE' },
    );
  }
}

function isAnyAddress(bind: string): boolean {
  return bind === '0.0.0.0' || bind === '::';
}
