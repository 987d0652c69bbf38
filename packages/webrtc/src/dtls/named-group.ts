import type { GroupName } from "../crypto/crypto-port.ts";

const CODES: Readonly<Record<GroupName, number>> = {
  x25519: 0x001d,
  secp256r1: 0x0017,
  secp384r1: 0x0018,
};

/**
 * Groups of this stack, best first (RFC 8422 §5.1.1). P-384 stands here since the list also says on
 * which curves a certificate's key may lie.
 */
export const GROUPS: readonly GroupName[] = ["x25519", "secp256r1", "secp384r1"];

/** The group's number on the wire. */
export function groupCode(group: GroupName): number {
  return CODES[group];
}

/** The group with this number, or `undefined` if it is not one of ours. */
export function groupFromCode(code: number): GroupName | undefined {
  return GROUPS.find((group) => CODES[group] === code);
}
