import { type DestinationStream, type Logger, pino } from 'pino';
import { maskSecrets } from './mask-secrets.ts';

export type Log = Logger;

/**
 * JSON lines with `cameraId`, `nodeId`, `sessionId`, `requestId` wherever they are known.
 * Secrets are masked here, once, so that no caller can forget to.
 */
export function createLog(options: {
  name: string;
  level: string;
  nodeId?: string;
  write?: (line: string) => void;
}): Log {
  const write = options.write ?? ((line: string) => void process.stdout.write(line));
  const destination: DestinationStream = { write: (line) => write(maskSecrets(line)) };
  return pino(
    {
      level: options.level,
      base:
        options.nodeId === undefined
          ? { process: options.name }
          : { process: options.name, nodeId: options.nodeId },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: pino.stdSerializers.errWithCause },
    },
    destination,
  );
}

/** For tests that do not look at logs. */
export function silentLog(): Log {
  return pino({ level: 'silent' });
}
