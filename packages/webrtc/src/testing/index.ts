/**
 * `@pallas/webrtc/testing`: networks, NATs, hosts and a clock in virtual time, to test applications
 * of WebRTC with. Everything follows from a seed; two minutes of a connection take milliseconds.
 *
 * @module
 */
export { SeededRandom } from "../base/random.ts";
export { deadlines, drain } from "./deadlines.ts";
export { SimulationError, VirtualSystemError } from "./errors.ts";
export { burstyLoss, exactLoss, independentLoss, NO_LOSS } from "./loss-model.ts";
export type { LossModel } from "./loss-model.ts";
export { NAT_PRESETS, RFC_4787_NAT } from "./nat-behaviour.ts";
export type { NatBehaviour, NatDependence } from "./nat-behaviour.ts";
export type { NatMapping } from "./nat-table.ts";
export type { NameTable } from "./name-table.ts";
export { formatEntry } from "./packet-trace.ts";
export type { DropReason, PacketTrace, TraceCounters, TraceEntry } from "./packet-trace.ts";
export { startStunServer } from "./stun-server.ts";
export type { VirtualStunServer } from "./stun-server.ts";
export { DEFAULT_CLOCK_LIMITS, VirtualClock } from "./virtual-clock.ts";
export type { ClockLimits } from "./virtual-clock.ts";
export type { HostResources, VirtualHost } from "./virtual-host.ts";
export type { VirtualInterface, VirtualInterfaceOptions } from "./virtual-interface.ts";
export { IDEAL_LINK, VirtualLink } from "./virtual-link.ts";
export type { LinkCounters, LinkDropReason, LinkOptions, LinkVerdict } from "./virtual-link.ts";
export type { VirtualNat, VirtualNatOptions } from "./virtual-nat.ts";
export type { Interceptor, Station, VirtualNetwork } from "./virtual-network.ts";
export type { VirtualPacket } from "./virtual-packet.ts";
export { VirtualWorld } from "./virtual-world.ts";
export type { VirtualWorldOptions } from "./virtual-world.ts";
