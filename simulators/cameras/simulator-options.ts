import { z } from 'zod';
import { SOUND_CODECS } from './clip/sound.ts';

const port = z.number().int().min(0).max(65535);
const ip = z.union([z.ipv4(), z.ipv6()]);

export const DEFAULT_BASE_PORT = 9100;

/** Everything a simulator can be told. */
export const SimulatorSettings = z.strictObject({
  cameras: z.number().int().min(1).max(1000).default(9),
  basePort: port
    .default(DEFAULT_BASE_PORT)
    .describe('P: control API; camera n: ONVIF on P+2n-1, RTSP on P+2n. 0 = all on free ports'),
  bind: ip.default('127.0.0.1').describe('Address of the cameras'),
  controlBind: ip.default('127.0.0.1').describe('Address of the control API, which asks for no password'),
  username: z
    .string()
    .min(1)
    .max(64)
    .regex(/^[\w.-]+$/)
    .default('vedette'),
  password: z.string().min(1).max(255).optional().describe('Of every camera; generated when absent'),
  exposeCredentials: z
    .boolean()
    .default(false)
    .describe('Tell user and password in the control API, when that is on a loopback address'),
  auth: z
    .array(z.enum(['digest-md5', 'digest-sha256', 'basic']))
    .min(1)
    .default(['digest-md5'])
    .describe('RTSP authentication offered, in this order'),
  keyFrameOnPlay: z
    .boolean()
    .default(true)
    .describe('Make a key frame when the first client of a profile plays, as most cameras do'),
  udp: z.boolean().default(true).describe('Allow RTP over UDP'),
  video: z
    .enum(['h264', 'h265', 'mjpeg'])
    .default('h264')
    .describe('Codec of every stream; all but H.264 show the first scene'),
  sound: z.enum(SOUND_CODECS).optional().describe('Codec of the microphone; none when absent'),
  discovery: z.boolean().default(true).describe('Answer WS-Discovery probes'),
  sessionTimeoutMs: z.number().int().min(100).max(3_600_000).default(60_000),
  nonceLifeMs: z.number().int().min(100).optional().describe('Age at which an RTSP nonce becomes stale'),
  mainClip: z
    .strictObject({ file: z.string().min(1), fps: z.number().min(1).max(120) })
    .optional()
    .describe('An H.264 file that every main stream plays instead of its scene'),
});
export type SimulatorSettings = z.output<typeof SimulatorSettings>;
