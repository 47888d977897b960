export { type FrameStrip, readFrameStrip, STRIP_BLOCKS } from './cameras/clip/frame-strip.ts';
export type { CameraCounts, ProfileCounts } from './cameras/counts.ts';
export { Fault } from './cameras/faults.ts';
export type { ProfileName } from './cameras/rtsp/stream-path.ts';
export { SCENES } from './cameras/scenes.ts';
export type { SimulatedCamera } from './cameras/simulated-camera.ts';
export type { Simulator, SimulatorOptions } from './cameras/simulator.ts';
export { startSimulator } from './cameras/simulator.ts';
export type { TimelineReport } from './cameras/stream/live-timeline.ts';
