import { readUint16, writeUint16, writeUint32 } from "../base/bytes.ts";
import type { TransportAddress } from "../base/datagram.ts";
import { UsageError, WireFormatError } from "../base/errors.ts";
import { formatIpAddress, parseIpAddress } from "../base/ip-address.ts";
import type { AttributeCodec } from "./attribute-codec.ts";
import { MAGIC_COOKIE } from "./stun-header.ts";

const SPEC = "RFC 8489 §14.1";
const HEADER_BYTES = 4;
const IPV4_FAMILY = 0x01;
const IPV6_FAMILY = 0x02;
const COOKIE_BYTES = 4;

/**
 * An address in the clear: MAPPED-ADDRESS and ALTERNATE-SERVER.
 *
 * RFC 8489 §14.1, §14.15.
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |0 0 0 0 0 0 0 0|    Family     |           Port                |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                 Address (32 bits or 128 bits)                 |
 */
export function addressCodec(type: number): AttributeCodec<TransportAddress> {
  return { type, decode: decodeAddress, encode: encodeAddress };
}

/**
 * An address hidden from meddling NATs: XOR-MAPPED-ADDRESS and TURN's relatives. The port is XORed
 * with the upper half of the magic cookie, the address with cookie and transaction id.
 *
 * RFC 8489 §14.2.
 */
export function xorAddressCodec(type: number): AttributeCodec<TransportAddress> {
  return {
    type,
    decode: (value, transactionId) => decodeAddress(xorAddress(value, transactionId)),
    encode: (address, transactionId) => xorAddress(encodeAddress(address), transactionId),
  };
}

function decodeAddress(value: Uint8Array): TransportAddress {
  if (value.byteLength < HEADER_BYTES) {
    throw new WireFormatError(SPEC, `address attribute of ${value.byteLength} bytes`);
  }
  const family = value[1]!;
  const addressBytes = value.byteLength - HEADER_BYTES;
  const isWhole =
    (family === IPV4_FAMILY && addressBytes === 4) ||
    (family === IPV6_FAMILY && addressBytes === 16);
  if (!isWhole) {
    throw new WireFormatError(SPEC, `family ${family} with ${addressBytes} address bytes`);
  }
  return {
    address: formatIpAddress(value.subarray(HEADER_BYTES)),
    port: readUint16(value, 2),
  };
}

function encodeAddress(value: TransportAddress): Uint8Array {
  const address = parseIpAddress(value.address);
  if (address === undefined) {
    throw new UsageError("ERR_RANGE", `not an IP address: ${value.address}`);
  }
  const bytes = new Uint8Array(HEADER_BYTES + address.byteLength);
  bytes[1] = address.byteLength === 4 ? IPV4_FAMILY : IPV6_FAMILY;
  writeUint16(bytes, 2, value.port);
  bytes.set(address, HEADER_BYTES);
  return bytes;
}

/** The same operation both ways. Leaves the first two bytes as they are. */
function xorAddress(value: Uint8Array, transactionId: Uint8Array): Uint8Array {
  const mask = new Uint8Array(COOKIE_BYTES + transactionId.byteLength);
  writeUint32(mask, 0, MAGIC_COOKIE);
  mask.set(transactionId, COOKIE_BYTES);
  const bytes = Uint8Array.from(value);
  for (let index = 2; index < HEADER_BYTES && index < bytes.byteLength; index++) {
    bytes[index]! ^= mask[index - 2]!;
  }
  for (let index = HEADER_BYTES; index < bytes.byteLength; index++) {
    bytes[index]! ^= mask[(index - HEADER_BYTES) % mask.byteLength]!;
  }
  return bytes;
}
