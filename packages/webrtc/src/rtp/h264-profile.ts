/** Baseline at level 1: what is meant where `profile-level-id` is absent (RFC 6184 §8.1). */
export const DEFAULT_PROFILE_LEVEL_ID = "42000a";

const PROFILE_LEVEL_ID = /^[0-9a-f]{6}$/;
const LEVEL_1_1 = 0x0b;
/** In the byte profile-iop. */
const CONSTRAINT_SET_3 = 0x10;
/** Level 1b of the profiles that do not write it as 11 with constraint_set3 (H.264 §A.3.4). */
const LEVEL_1B = 0x09;

type ProfileRow = {
  readonly name: string;
  readonly profileIdc: number;
  /** Bits of profile-iop that decide, and what they must be; the others are of no matter. */
  readonly mask: number;
  readonly bits: number;
};

/**
 * RFC 6184 §8.1, table 5, with Constrained High, whose flags were reserved when it was written
 * (RFC 7742 §6.2 names it). The first row that matches counts.
 */
const PROFILES: readonly ProfileRow[] = [
  { name: "constrained-baseline", profileIdc: 0x42, mask: 0b0100_1111, bits: 0b0100_0000 },
  { name: "constrained-baseline", profileIdc: 0x4d, mask: 0b1000_1111, bits: 0b1000_0000 },
  { name: "constrained-baseline", profileIdc: 0x58, mask: 0b1100_1111, bits: 0b1100_0000 },
  { name: "baseline", profileIdc: 0x42, mask: 0b0100_1111, bits: 0b0000_0000 },
  { name: "baseline", profileIdc: 0x58, mask: 0b1100_1111, bits: 0b1000_0000 },
  { name: "main", profileIdc: 0x4d, mask: 0b1010_1111, bits: 0b0000_0000 },
  { name: "extended", profileIdc: 0x58, mask: 0b1100_1111, bits: 0b0000_0000 },
  { name: "high", profileIdc: 0x64, mask: 0b1111_1111, bits: 0b0000_0000 },
  { name: "constrained-high", profileIdc: 0x64, mask: 0b1111_1111, bits: 0b0000_1100 },
  { name: "high-10", profileIdc: 0x6e, mask: 0b1111_1111, bits: 0b0000_0000 },
  { name: "high-4:2:2", profileIdc: 0x7a, mask: 0b1111_1111, bits: 0b0000_0000 },
  { name: "high-4:4:4", profileIdc: 0xf4, mask: 0b1111_1111, bits: 0b0000_0000 },
  { name: "high-10-intra", profileIdc: 0x6e, mask: 0b1111_1111, bits: 0b0001_0000 },
  { name: "high-4:2:2-intra", profileIdc: 0x7a, mask: 0b1111_1111, bits: 0b0001_0000 },
  { name: "high-4:4:4-intra", profileIdc: 0xf4, mask: 0b1111_1111, bits: 0b0001_0000 },
  { name: "cavlc-4:4:4-intra", profileIdc: 0x2c, mask: 0b1111_1111, bits: 0b0001_0000 },
];

/**
 * The name of the profile that a `profile-level-id` stands for (RFC 6184 §8.1, table 5), the same for
 * all spellings of one profile; `undefined` if it is none or is malformed.
 */
export function h264ProfileOf(profileLevelId: string): string | undefined {
  const bytes = bytesOf(profileLevelId);
  if (bytes === undefined) return undefined;
  const [profileIdc, profileIop] = bytes;
  return PROFILES.find(
    (row) => row.profileIdc === profileIdc && (profileIop & row.mask) === row.bits,
  )?.name;
}

/**
 * The `profile-level-id` of an answer: the offered profile, since both directions use the same one, at
 * our level if the levels may differ, else at the lower of the two (RFC 6184 §8.2.2).
 */
export function answerProfileLevelId(
  offered: string,
  own: string,
  mayLevelsDiffer: boolean,
): string {
  const offeredBytes = bytesOf(offered);
  const ownBytes = bytesOf(own);
  if (offeredBytes === undefined || ownBytes === undefined) return own;
  if (!mayLevelsDiffer && levelRank(offeredBytes) <= levelRank(ownBytes)) {
    return offered.toLowerCase();
  }
  const [profileIdc, profileIop, offeredLevel] = offeredBytes;
  const level = ownBytes[2];
  // Where 11 is written the flag tells 1b from 1.1: it goes with the level, not with the profile.
  const isFlagOfLevel =
    hasLevelFlag(profileIdc) && (level === LEVEL_1_1 || offeredLevel === LEVEL_1_1);
  const flag = isLevel1b(ownBytes) ? CONSTRAINT_SET_3 : 0;
  const iop = isFlagOfLevel ? (profileIop & ~CONSTRAINT_SET_3) | flag : profileIop;
  return [profileIdc, iop, level].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Levels in their order; 1b lies between 1 and 1.1. */
function levelRank(bytes: readonly [number, number, number]): number {
  return isLevel1b(bytes) ? LEVEL_1_1 - 0.5 : bytes[2];
}

function isLevel1b([profileIdc, profileIop, levelIdc]: readonly [number, number, number]): boolean {
  if (levelIdc === LEVEL_1B) return true;
  const isFlagSet = (profileIop & CONSTRAINT_SET_3) !== 0;
  return hasLevelFlag(profileIdc) && levelIdc === LEVEL_1_1 && isFlagSet;
}

/** Baseline, Main and Extended write level 1b as 11 with constraint_set3 (H.264 §A.3.1). */
function hasLevelFlag(profileIdc: number): boolean {
  return profileIdc === 0x42 || profileIdc === 0x4d || profileIdc === 0x58;
}

function bytesOf(profileLevelId: string): readonly [number, number, number] | undefined {
  const text = profileLevelId.toLowerCase();
  if (!PROFILE_LEVEL_ID.test(text)) return undefined;
  const byteAt = (offset: number) => Number.parseInt(text.slice(offset, offset + 2), 16);
  return [byteAt(0), byteAt(2), byteAt(4)];
}
