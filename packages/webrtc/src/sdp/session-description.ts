import type { Attribute } from "./attribute.ts";

/** `o=` (RFC 8866 §5.2): who wrote the description, and which edition of it this is. */
export type Origin = {
  /** `-` if there is none. */
  readonly username: string;
  /** Decimal, up to 20 digits: a string, since 64 bits do not fit a number. */
  readonly sessionId: string;
  /** Decimal; grows with each new description of the same session. */
  readonly sessionVersion: string;
  /** `IN` */
  readonly networkType: string;
  /** `IP4` or `IP6` */
  readonly addressType: string;
  readonly address: string;
};

/** `c=` (RFC 8866 §5.7). */
export type Connection = {
  /** `IN` */
  readonly networkType: string;
  /** `IP4` or `IP6` */
  readonly addressType: string;
  /** With its TTL and count, if it is a multicast address. */
  readonly address: string;
};

/** `b=` (RFC 8866 §5.8). */
export type Bandwidth = {
  /** `AS` and `CT` count in kbit/s, `TIAS` in bit/s. */
  readonly type: string;
  readonly value: number;
};

/** `t=` with its `r=` lines (RFC 8866 §5.9, §5.10). Always `0 0` in WebRTC. */
export type Timing = {
  /** Seconds since 1900, decimal; `0`: from now on. */
  readonly start: string;
  /** Seconds since 1900, decimal; `0`: without end. */
  readonly stop: string;
  /** The values of the `r=` lines, unread. */
  readonly repeats?: readonly string[];
};

/** One `m=` line and what follows it (RFC 8866 §5.14). */
export type MediaDescription = {
  /** `audio`, `video`, `application`, … */
  readonly kind: string;
  /** 0 rejects the section (RFC 3264 §6), or bundles it (RFC 8843 §6); 9 before candidates are known. */
  readonly port: number;
  /** How many ports: `m=video 49170/2`. Not used in WebRTC. */
  readonly portCount?: number;
  /** `UDP/DTLS/SCTP`, `UDP/TLS/RTP/SAVPF`, … */
  readonly protocol: string;
  /** Payload types, or `webrtc-datachannel`, or the SCTP port in the old form. At least one. */
  readonly formats: readonly string[];
  /** `i=` */
  readonly information?: string;
  readonly connection?: Connection;
  /** Further `c=` lines: layers on several multicast addresses. Not used in WebRTC. */
  readonly moreConnections?: readonly Connection[];
  readonly bandwidths?: readonly Bandwidth[];
  /** `k=`, unread: obsolete and never to be used (RFC 8866 §5.12). */
  readonly key?: string;
  /** In order. */
  readonly attributes: readonly Attribute[];
};

/**
 * A session description (RFC 8866): the text, typed. It says nothing about what may be answered; see
 * RFC 9429 for that.
 */
export type SessionDescription = {
  readonly origin: Origin;
  /** `s=`; `-` if there is none. Never empty. */
  readonly name: string;
  /** `i=` */
  readonly information?: string;
  /** `u=` */
  readonly uri?: string;
  /** `e=` */
  readonly emails?: readonly string[];
  /** `p=` */
  readonly phones?: readonly string[];
  readonly connection?: Connection;
  readonly bandwidths?: readonly Bandwidth[];
  /** At least one; WebRTC has {@link UNBOUNDED_TIMING}. */
  readonly timings: readonly Timing[];
  /** `z=`, unread. */
  readonly timeZones?: string;
  /** `k=`, unread: obsolete and never to be used (RFC 8866 §5.12). */
  readonly key?: string;
  /** In order. */
  readonly attributes: readonly Attribute[];
  /** In order: an answer has the same number of them (RFC 3264 §6). */
  readonly media: readonly MediaDescription[];
};

/** `t=0 0`, the only timing that WebRTC uses (RFC 9429 §5.2.1). */
export const UNBOUNDED_TIMING: Timing = Object.freeze({ start: "0", stop: "0" });
