import type { DtlsAttribute } from "./attributes/dtls.ts";
import type { IceAttribute } from "./attributes/ice.ts";
import type { RtcpAttribute } from "./attributes/rtcp.ts";
import type { RtpAttribute } from "./attributes/rtp.ts";
import type { SctpAttribute } from "./attributes/sctp.ts";
import type { SessionAttribute } from "./attributes/session.ts";
import type { StreamAttribute } from "./attributes/stream.ts";

/** An attribute that is not known, not known at this level, or to be ignored: kept as it is. */
export type OtherAttribute = {
  readonly kind: "other";
  /** What stands before the colon. */
  readonly name: string;
  /** What follows the colon; absent if there is none. */
  readonly value?: string;
};

/** One `a=` line (RFC 8866 §5.13). `kind` is its name, but for `direction` and `other`. */
export type Attribute =
  | SessionAttribute
  | IceAttribute
  | DtlsAttribute
  | SctpAttribute
  | RtpAttribute
  | RtcpAttribute
  | StreamAttribute
  | OtherAttribute;

/** The `kind` of every attribute. */
export type AttributeKind = Attribute["kind"];

/** The attribute of one kind: `AttributeOf<"mid">`. */
export type AttributeOf<K extends AttributeKind> = Extract<Attribute, { readonly kind: K }>;

/** The first attribute of `kind`, or `undefined`. */
export function findAttribute<K extends AttributeKind>(
  attributes: readonly Attribute[],
  kind: K,
): AttributeOf<K> | undefined {
  return attributes.find((attribute): attribute is AttributeOf<K> => attribute.kind === kind);
}

/** All attributes of `kind`, in order. */
export function filterAttributes<K extends AttributeKind>(
  attributes: readonly Attribute[],
  kind: K,
): AttributeOf<K>[] {
  return attributes.filter((attribute): attribute is AttributeOf<K> => attribute.kind === kind);
}

/** True if there is an attribute of `kind`: for the ones that are only a name. */
export function hasAttribute(attributes: readonly Attribute[], kind: AttributeKind): boolean {
  return attributes.some((attribute) => attribute.kind === kind);
}
