// Many WHEP viewers in a process of their own, so that what they cost is not counted as the server's.
// Messages in: {open: [{url, token}]} | {counts: true} | {close: true}; out: {opened, failed} | {frames, keyed, lost} | {closed}.
import { WhepViewer } from '../../simulators/viewers/whep-viewer.ts';

type Message = {
  readonly open?: readonly { url: string; token: string }[];
  readonly counts?: true;
  readonly close?: true;
};

let viewers: WhepViewer[] = [];

process.on('message', async (message: Message) => {
  if (message.open !== undefined) {
    const opened = await Promise.allSettled(message.open.map((target) => WhepViewer.open(target)));
    viewers = [
      ...viewers,
      ...opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])),
    ];
    process.send?.({
      opened: viewers.length,
      failed: opened.filter((result) => result.status === 'rejected').length,
    });
  }
  if (message.counts) {
    const counts = viewers.map((viewer) => viewer.counts);
    process.send?.({
      frames: counts.reduce((sum, one) => sum + one.frames, 0),
      keyed: counts.filter((one) => one.keyFrames > 0).length,
      lost: counts.reduce((sum, one) => sum + one.lost, 0),
    });
  }
  if (message.close) {
    await Promise.all(viewers.map((viewer) => viewer.close()));
    viewers = [];
    process.send?.({ closed: true });
  }
});
process.on('disconnect', () => process.exit(0));
