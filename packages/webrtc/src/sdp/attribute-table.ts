import type { Attribute, OtherAttribute } from "./attribute.ts";
import type { AttributeCodec, CodecTable } from "./attribute-codec.ts";
import { DTLS_CODECS } from "./attributes/dtls.ts";
import { ICE_CODECS } from "./attributes/ice.ts";
import { RTCP_CODECS } from "./attributes/rtcp.ts";
import { RTP_CODECS } from "./attributes/rtp.ts";
import { SCTP_CODECS } from "./attributes/sctp.ts";
import { SESSION_CODECS } from "./attributes/session.ts";
import { STREAM_CODECS } from "./attributes/stream.ts";

/** Every attribute that has a row in the table. */
export type KnownAttribute = Exclude<Attribute, OtherAttribute>;

const CODECS: CodecTable<KnownAttribute> = {
  ...SESSION_CODECS,
  ...ICE_CODECS,
  ...DTLS_CODECS,
  ...SCTP_CODECS,
  ...RTP_CODECS,
  ...RTCP_CODECS,
  ...STREAM_CODECS,
};

const { direction: DIRECTION_CODEC, ...NAMED_CODECS } = CODECS;

/** A `Map`, not an object: `a=constructor` must not find anything. */
const CODECS_BY_NAME: ReadonlyMap<string, AttributeCodec<KnownAttribute>> = new Map<
  string,
  AttributeCodec<KnownAttribute>
>([
  ...Object.entries<AttributeCodec<KnownAttribute>>(NAMED_CODECS),
  ["sendrecv", DIRECTION_CODEC],
  ["sendonly", DIRECTION_CODEC],
  ["recvonly", DIRECTION_CODEC],
  ["inactive", DIRECTION_CODEC],
]);

/** How the attribute called `name` on the wire is read, if it is known. */
export function codecOfName(name: string): AttributeCodec<KnownAttribute> | undefined {
  return CODECS_BY_NAME.get(name);
}

/** How `attribute` is written. */
export function codecOf(attribute: KnownAttribute): AttributeCodec<KnownAttribute> {
  return CODECS[attribute.kind];
}

/** The name on the wire. */
export function attributeName(attribute: Attribute): string {
  switch (attribute.kind) {
    case "other":
      return attribute.name;
    case "direction":
      return attribute.direction;
    default:
      return attribute.kind;
  }
}
