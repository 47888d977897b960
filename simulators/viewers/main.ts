// Viewers as a program: flags in; JSON lines out, each with `atMs`: `ready`, `gap`, `view`, `status`, and twice a second
// `summary`. Runs until SIGINT, SIGTERM or the end of its parent's IPC channel; then every view is ended.
import { parseArgs } from 'node:util';
import { runUntilSignal } from '@vedette/runtime';
import { z } from 'zod';
import { ViewerCrowd } from './viewer-crowd.ts';

const HELP = `Viewers without a screen: the product's player over WHEP, each counting its pictures.

  --control URL        where control is
  --cameras A,B,...    ids of cameras; viewer n watches the n-th, from the first again when they run out
  --viewers N          how many (default: one a camera)
  --profile NAME       main or sub (default sub)
  --bind ADDRESS       local address for media (default 127.0.0.1)
  --gap-ms MS          a pause between two pictures that is longer is told (default 500)
The bearer comes by VEDETTE_TOKEN, which the process list does not show.
`;
const SUMMARY_MS = 500;
/** Ends of views that are under way when the program ends. */
const GOODBYE_MS = 500;

const Settings = z.strictObject({
  control: z.url(),
  token: z.string().min(1),
  cameras: z.array(z.string().min(1)).min(1),
  viewers: z.number().int().min(1).max(10_000).optional(),
  profile: z.enum(['main', 'sub']).default('sub'),
  bind: z.union([z.ipv4(), z.ipv6()]).default('127.0.0.1'),
  gapMs: z.number().int().min(50).default(500),
});

function readSettings(): z.output<typeof Settings> | undefined {
  const { values } = parseArgs({
    options: {
      control: { type: 'string' },
      cameras: { type: 'string' },
      viewers: { type: 'string' },
      profile: { type: 'string' },
      bind: { type: 'string' },
      'gap-ms': { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const number = (text: string | undefined) => (text === undefined ? undefined : Number(text));
  return Settings.parse({
    control: values.control,
    token: process.env['VEDETTE_TOKEN'],
    cameras: values.cameras?.split(','),
    viewers: number(values.viewers),
    profile: values.profile,
    bind: values.bind,
    gapMs: number(values['gap-ms']),
  });
}

function say(line: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify({ atMs: Date.now(), ...line })}\n`);
}

const settings = readSettings();
if (settings === undefined) {
  process.stdout.write(HELP);
} else {
  const { bind, cameras, control, gapMs, profile, token, viewers = cameras.length } = settings;
  const crowd = new ViewerCrowd({
    controlUrl: control,
    token,
    cameras: Array.from({ length: viewers }, (_, index) => cameras[index % cameras.length] ?? ''),
    profile,
    bindAddress: bind,
    gapMs,
    onGap: (gap) => say({ gap }),
    onView: (view) => say({ view }),
    onStatus: (viewer, { reason, state }) => say({ status: { viewer, state, reason } }),
  });
  crowd.play();
  say({ ready: true });
  const telling = setInterval(() => say({ summary: crowd.summary() }), SUMMARY_MS);
  await runUntilSignal(async () => {
    clearInterval(telling);
    crowd.stop();
    await new Promise((resolve) => setTimeout(resolve, GOODBYE_MS));
  });
}
