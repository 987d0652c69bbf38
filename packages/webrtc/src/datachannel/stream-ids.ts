/** Ids go from 0 to 65534: SCTP cannot negotiate more streams than this (RFC 8831 §6.2). */
export const MAX_STREAMS = 65_535;

/** Which ids a side gives to the channels that it opens (RFC 8832 §6). */
export type IdParity = 0 | 1;

/** Even for the DTLS client, odd for the server (RFC 8832 §6). */
export function parityOf(role: "client" | "server"): IdParity {
  return role === "client" ? 0 : 1;
}

/**
 * What occupies each stream, and which stream of a parity is free.
 *
 * Looking up is one array access, since it happens for every message.
 */
export class StreamTable<Occupant> {
  readonly #occupants: (Occupant | undefined)[] = [];
  /** For each parity: no id below this one is free. */
  readonly #lowestFree: [number, number] = [0, 1];

  get(streamId: number): Occupant | undefined {
    return this.#occupants[streamId];
  }

  /** The stream must be free. */
  occupy(streamId: number, occupant: Occupant): void {
    this.#occupants[streamId] = occupant;
  }

  release(streamId: number): void {
    this.#occupants[streamId] = undefined;
    const parity = (streamId & 1) as IdParity;
    this.#lowestFree[parity] = Math.min(this.#lowestFree[parity], streamId);
  }

  /** The lowest free id of a parity below `limit`, or `undefined` if all are taken. */
  findFree(parity: IdParity, limit: number): number | undefined {
    let streamId = this.#lowestFree[parity];
    while (streamId < limit && this.#occupants[streamId] !== undefined) streamId += 2;
    this.#lowestFree[parity] = streamId;
    return streamId < limit ? streamId : undefined;
  }

  /** All who occupy a stream now, in the order of the ids. */
  occupants(): Occupant[] {
    return this.#occupants.filter((occupant) => occupant !== undefined);
  }
}
