import { UsageError } from "../base/errors.ts";
import { SILENT_LOGGER, type Logger } from "../base/log.ts";
import type { InterfaceAddress, Runtime } from "../runtime/runtime.ts";
import { conversionError, describe, isObject } from "./webidl/index.ts";

export type { InterfaceAddress } from "../runtime/runtime.ts";

/**
 * What a server or a device needs to say and a browser never does: the second argument of
 * `new RTCPeerConnection(configuration, settings)`. Every member is optional.
 */
export interface RTCSettings {
  /** Local IP addresses to use; all others are left alone. */
  readonly bindAddresses?: readonly string[];
  /** UDP ports to use, both ends included: open this range in the firewall. Default: the system chooses. */
  readonly portRange?: { readonly min: number; readonly max: number };
  /** Says of each address of this machine whether to use it; called when gathering begins. */
  readonly interfaceFilter?: (address: InterfaceAddress) => boolean;
  /**
   * Also offer 127.0.0.1 and ::1. Default: only if the machine has no other address. A browser on the
   * same machine does not need it.
   */
  readonly useLoopback?: boolean;
  /** Largest UDP payload to send, in bytes, 576 to 65000. Default 1200, which passes everywhere. */
  readonly maxDatagramBytes?: number;
  /** Largest message to accept, in bytes, 1024 to 16 MiB; announced as `a=max-message-size`. Default 262144. */
  readonly maxMessageBytes?: number;
  /** Where to report what happens; `console` fits. Default: nowhere. */
  readonly logger?: Logger;
}

/** {@link RTCSettings} with every default filled in. */
export type ValidSettings = {
  readonly bindAddresses: readonly string[] | undefined;
  readonly minPort: number;
  readonly maxPort: number;
  readonly interfaceFilter: (address: InterfaceAddress) => boolean;
  readonly useLoopback: boolean | undefined;
  readonly maxDatagramBytes: number;
  readonly maxMessageBytes: number;
  readonly logger: Logger;
};

/** The world that a connection lives in: the real one, or a virtual one in tests. */
export type Environment = { readonly runtime: Runtime };

let environmentOfPackage: Environment | undefined;

/** Says in what world connections live that are made without another one: the package's entry does. */
export function setDefaultEnvironment(environment: Environment): void {
  environmentOfPackage = environment;
}

/** The world of a connection that an application makes. Throws `UsageError` before there is one. */
export function defaultEnvironment(): Environment {
  if (environmentOfPackage !== undefined) return environmentOfPackage;
  throw new UsageError("ERR_OUT_OF_ORDER", "no default environment: import the package's entry");
}

const MAX_PORT = 65_535;

/** Checks every member; throws `TypeError` that names it and says what is allowed. */
export function validateSettings(settings: RTCSettings | undefined): ValidSettings {
  const context = "RTCPeerConnection constructor: argument 2";
  if (settings !== undefined && !isObject(settings)) {
    throw conversionError(context, `${describe(settings)} is not an object (RTCSettings)`);
  }
  const { portRange, bindAddresses, interfaceFilter, useLoopback, logger } = settings ?? {};
  const member = (name: string): string => `${context}: RTCSettings.${name}`;
  if (bindAddresses !== undefined && !isStringArray(bindAddresses)) {
    throw conversionError(member("bindAddresses"), "is not a list of IP addresses");
  }
  if (interfaceFilter !== undefined && typeof interfaceFilter !== "function") {
    throw conversionError(
      member("interfaceFilter"),
      `${describe(interfaceFilter)} is not a function`,
    );
  }
  return {
    ...portsOf(portRange, member("portRange")),
    bindAddresses,
    interfaceFilter: interfaceFilter ?? ((): boolean => true),
    useLoopback,
    maxDatagramBytes: inRange(
      settings?.maxDatagramBytes,
      1200,
      576,
      65_000,
      member("maxDatagramBytes"),
    ),
    maxMessageBytes: inRange(
      settings?.maxMessageBytes,
      262_144,
      1024,
      2 ** 24,
      member("maxMessageBytes"),
    ),
    logger: logger ?? SILENT_LOGGER,
  };
}

function portsOf(
  range: RTCSettings["portRange"],
  context: string,
): { readonly minPort: number; readonly maxPort: number } {
  if (range === undefined) return { minPort: 0, maxPort: 0 };
  const minPort = inRange(range.min, 0, 1, MAX_PORT, `${context}.min`);
  const maxPort = inRange(range.max, 0, minPort, MAX_PORT, `${context}.max`);
  return { minPort, maxPort };
}

function inRange(
  value: number | undefined,
  fallback: number,
  lowest: number,
  highest: number,
  context: string,
): number {
  if (value === undefined && fallback > 0) return fallback;
  if (Number.isInteger(value) && value! >= lowest && value! <= highest) return value!;
  throw conversionError(
    context,
    `${describe(value)} is not a whole number from ${lowest} to ${highest}`,
  );
}

function isStringArray(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

/**
 * The addresses to gather host candidates on (RFC 8445 §5.1.1.1): neither loopback, unless it was
 * asked for or is all there is, nor IPv6 link-local, which cannot be bound without a zone.
 */
export function usableAddresses(
  all: readonly InterfaceAddress[],
  settings: ValidSettings,
): readonly InterfaceAddress[] {
  const allowed = all.filter(
    (address) =>
      !/^fe[89ab]/i.test(address.address) &&
      (settings.bindAddresses?.includes(address.address) ?? true) &&
      settings.interfaceFilter(address),
  );
  const reachable = allowed.filter(({ isInternal }) => !isInternal);
  const isLoopbackWanted =
    settings.useLoopback ?? (reachable.length === 0 || settings.bindAddresses !== undefined);
  return isLoopbackWanted ? allowed : reachable;
}
