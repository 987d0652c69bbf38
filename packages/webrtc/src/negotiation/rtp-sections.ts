import type { MediaDescription, SessionDescription } from "../sdp/index.ts";
import { readRtpSection, type RtpSection } from "./media/rtp-section.ts";

const READ = new WeakMap<MediaDescription, RtpSection>();

/** What a section of audio or video says of its RTP: read once, since descriptions never change. */
export function rtpSectionOf(description: SessionDescription, index: number): RtpSection {
  const section = description.media[index]!;
  let read = READ.get(section);
  if (read === undefined) {
    read = readRtpSection(section, description.attributes);
    READ.set(section, read);
  }
  return read;
}
