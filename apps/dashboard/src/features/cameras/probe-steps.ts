import type { ProbeResult } from '@vedette/contracts';

const STEPS = [
  ['resolve', 'Find the address'],
  ['connect', 'Connect'],
  ['authenticate', 'Sign in to the camera'],
  ['describe', 'Ask for the stream'],
  ['setup', 'Agree on the transport'],
  ['play', 'Start playing'],
  ['key-frame', 'Receive a complete picture'],
] as const;

export interface ProbeStep {
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'not-reached';
}

/** The way of a test through its steps. One that this page does not know is the last that was tried. */
export function probeSteps(result: ProbeResult): readonly ProbeStep[] {
  if (result.ok) return STEPS.map(([, name]) => ({ name, outcome: 'passed' }));
  const failed = STEPS.findIndex(([step]) => step === result.step);
  if (failed === -1) return [{ name: result.step, outcome: 'failed' }];
  return STEPS.map(([, name], index) => ({
    name,
    outcome: index < failed ? 'passed' : index === failed ? 'failed' : 'not-reached',
  }));
}
