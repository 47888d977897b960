import type { VideoTrack } from '@vedette/media-types';
import { VedetteError } from '@vedette/runtime';
import { planAnswer } from '../../../apps/media-node/src/egress/whep/answer-plan.ts';
import { writeWhepAnswer } from '../../../apps/media-node/src/egress/whep/answer-sdp.ts';
import * as offers from '../../../apps/media-node/src/egress/whep/fixtures/offers.ts';
import { planWhip, writeWhipAnswer } from '../../../apps/media-node/src/ingest/publish/whip-plan.ts';
import { readOffer } from '../../../apps/media-node/src/webrtc/offer.ts';
import { promise, statelessTarget } from '../fuzz-target.ts';
import { bytesOf } from '../mutator.ts';
import { H264_PPS, H264_SPS, H265_PPS, H265_SPS, H265_VPS } from './bitstream-targets.ts';

const SIZE = { kind: 'video', id: 1, clockRate: 90_000, width: 1280, height: 720 } as const;
const STREAMS: readonly (readonly VideoTrack[])[] = [
  [],
  [{ ...SIZE, codec: 'h264', parameterSets: { sps: H264_SPS, pps: H264_PPS } }],
  [{ ...SIZE, codec: 'h265', parameterSets: { vps: H265_VPS, sps: H265_SPS, pps: H265_PPS } }],
];
const LIBRARY_SDP = 'a=ice-ufrag:abcd\r\na=ice-pwd:efgh\r\na=fingerprint:sha-256 00\r\na=setup:active\r\n';
const texts = Object.values(offers).filter((one) => typeof one === 'string');

export const offerTarget = statelessTarget({
  name: 'whep: SDP offers',
  seeds: bytesOf(...texts),
  words: bytesOf(
    'm=video 9 UDP/TLS/RTP/SAVPF 96\r\n',
    'a=rtpmap:96 H264/90000\r\n',
    'a=fmtp:96 ',
    'a=mid:',
    'a=extmap:',
    'a=recvonly\r\n',
    'a=group:BUNDLE ',
    '__proto__',
    'constructor',
    'packetization-mode=1',
    '=',
    ';',
    '\r\n',
    '99999999999999999999',
  ),
  check: (input) => {
    const text = Buffer.from(input).toString('utf8');
    try {
      // The same bytes from an encoder: what browsers receive, they could send.
      const offer = readOffer(text.replaceAll('recvonly', 'sendonly'));
      const plan = planWhip(offer);
      const answer = writeWhipAnswer({
        offer,
        plan,
        librarySdp: LIBRARY_SDP,
        network: { udpPort: 1, publicHosts: [] },
      });
      promise(answer.split('\r\nm=').length - 1 === offer.sections.length, 'every section is answered');
    } catch (error) {
      if (!(error instanceof VedetteError)) throw error;
      promise(['invalid_offer', 'no_common_codec'].includes(error.code), 'a refusal has its reason');
    }
    for (const tracks of STREAMS) {
      try {
        const offer = readOffer(text);
        const plan = planAnswer(offer, tracks);
        const formats = [...(plan.video?.formats ?? []), ...(plan.audio?.formats ?? [])];
        promise(formats.length > 0, 'an answer sends something');
        promise(
          formats.every(({ payloadType }) => payloadType >= 0 && payloadType < 128),
          'a payload type is one',
        );
        const answer = writeWhepAnswer({
          offer,
          plan,
          librarySdp: LIBRARY_SDP,
          sources: { cname: 'x', videoSsrc: 1, audioSsrc: 2 },
          network: { udpPort: 1, publicHosts: [] },
        });
        promise(answer.split('\r\nm=').length - 1 === offer.sections.length, 'every section is answered');
      } catch (error) {
        if (!(error instanceof VedetteError)) throw error;
        promise(['invalid_offer', 'no_common_codec'].includes(error.code), 'a refusal has its reason');
      }
    }
  },
});
