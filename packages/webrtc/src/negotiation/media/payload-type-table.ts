import { codecIdentity } from "../../rtp/codec-match.ts";
import type { Codec, NegotiatedCodec } from "../../rtp/codec.ts";
import { perCodec } from "../../rtp/per-codec.ts";
import {
  associatedPayloadTypeOf,
  isAudioRed,
  isRtx,
  redundantPayloadTypesOf,
} from "./dependent-codecs.ts";

/** RFC 3551 §6: numbers that mean the same everywhere. Dynamic ones are no longer added to the list. */
export const STATIC_CODECS: ReadonlyMap<number, Codec> = new Map([
  [0, { mimeType: "audio/PCMU", clockRate: 8_000, channels: 1 }],
  [8, { mimeType: "audio/PCMA", clockRate: 8_000, channels: 1 }],
  [9, { mimeType: "audio/G722", clockRate: 8_000, channels: 1 }],
  [13, { mimeType: "audio/CN", clockRate: 8_000, channels: 1 }],
]);

/** RFC 3551 §6 has 96 to 127; when they are used up, unassigned numbers come (RFC 5761 §4). */
const DYNAMIC_NUMBERS: readonly number[] = [...numbers(96, 127), ...numbers(35, 63)];

/**
 * Numbers that a codec gets if they are free: the static ones, and for dynamic ones what browsers
 * happen to use. So they do not depend on which section comes first, and simple peers expect them.
 */
const CUSTOMARY_NUMBERS: ReadonlyMap<string, number> = new Map([
  ...[...STATIC_CODECS].map(([number, codec]) => [codecIdentity(codec), number] as const),
  ["audio/opus/48000/2", 111],
  ["audio/red/48000/2", 63],
  ["audio/telephone-event/48000/1", 110],
  ["audio/telephone-event/8000/1", 126],
]);
const RESERVED_NUMBERS: ReadonlySet<number> = new Set(CUSTOMARY_NUMBERS.values());

/** What a payload type stands for. RTX and RED are something else for each codec that they point to. */
const payloadTypeKey: (codec: Codec) => string = perCodec((codec) => {
  const identity = codecIdentity(codec);
  if (isRtx(codec)) return `${identity} ${associatedPayloadTypeOf(codec)}`;
  return isAudioRed(codec) ? `${identity} ${redundantPayloadTypesOf(codec).join("/")}` : identity;
});

/** True for 64 to 95: on a shared port they would look like RTCP (RFC 5761 §4). */
export function isForbiddenPayloadType(payloadType: number): boolean {
  return payloadType >= 64 && payloadType <= 95;
}

/**
 * The payload types of the sections that share a transport. A number never changes its meaning there,
 * not from section to section (RFC 8843 §9.1) and not from one description to the next (RFC 3264
 * §8.3.2). One object for each description that is written, and for each bundle in it.
 */
export class PayloadTypes {
  readonly #keyOfNumber = new Map<number, string>();
  readonly #numberOfKey = new Map<string, number>();
  readonly #free: number[];

  /** `inUse`: what the descriptions so far, of both sides, have given numbers to. */
  constructor(inUse: Iterable<NegotiatedCodec>) {
    this.reserve(inUse);
    const free = DYNAMIC_NUMBERS.filter((number) => !this.#keyOfNumber.has(number));
    // Taken from the end: customary numbers of others come last.
    this.#free = [
      ...free.filter((number) => RESERVED_NUMBERS.has(number)),
      ...free.filter((number) => !RESERVED_NUMBERS.has(number)).toReversed(),
    ];
  }

  /** Keeps the numbers of `codecs` for them, unless they mean something else already. */
  reserve(codecs: Iterable<NegotiatedCodec>): void {
    for (const codec of codecs) this.#remember(payloadTypeKey(codec), codec.payloadType);
  }

  /**
   * The number for `codec`: `wanted`, which its section used before, unless it means something else by
   * now; else what the codec has in another section; else a new one. `undefined` if there is none left.
   */
  claim(codec: Codec, wanted?: number): number | undefined {
    const key = payloadTypeKey(codec);
    if (wanted !== undefined && (this.#keyOfNumber.get(wanted) ?? key) === key) {
      this.#remember(key, wanted);
      return wanted;
    }
    const known = this.#numberOfKey.get(key);
    if (known !== undefined) return known;
    const number = this.#freeNumber(codec);
    if (number !== undefined) this.#remember(key, number);
    return number;
  }

  #freeNumber(codec: Codec): number | undefined {
    const customary = CUSTOMARY_NUMBERS.get(codecIdentity(codec));
    if (customary !== undefined && !this.#keyOfNumber.has(customary)) return customary;
    for (let number = this.#free.pop(); number !== undefined; number = this.#free.pop()) {
      if (!this.#keyOfNumber.has(number)) return number;
    }
    return undefined;
  }

  /** The first meaning of a number counts, and the first number of a codec. */
  #remember(key: string, number: number): void {
    if (!this.#keyOfNumber.has(number)) this.#keyOfNumber.set(number, key);
    if (this.#keyOfNumber.get(number) === key && !this.#numberOfKey.has(key)) {
      this.#numberOfKey.set(key, number);
    }
  }
}

function numbers(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
