/** On what a NAT's choice depends, besides the internal address and port (RFC 4787 §4.1, §5). */
export type NatDependence =
  | "endpoint-independent"
  | "address-dependent"
  | "address-and-port-dependent";

/** What a NAT does with UDP, in the words of RFC 4787. */
export type NatBehaviour = {
  /** §4.1, REQ-1: when a new destination gets the external port that an earlier one got. */
  readonly mapping: NatDependence;
  /** §5, REQ-8: whose packets are let in. */
  readonly filtering: NatDependence;
  /** §4.2.1 and §4.2.3: the external port wanted; if it is taken, the next free one above it. */
  readonly portAssignment: "preserve" | "sequential" | "random";
  /** §4.2.2, REQ-4: an even internal port gets an even external one, an odd one an odd one. */
  readonly keepsPortParity: boolean;
  /** §4.1, REQ-2: whether all flows of one internal address share one external address. */
  readonly addressPooling: "paired" | "arbitrary";
  /** §4.3, REQ-5: how long a mapping, and a hole in the filter, lives after it was last used. */
  readonly mappingLifetimeMs: number;
  /** §4.3, REQ-6: packets from outside keep a mapping alive too. Those from inside always do. */
  readonly inboundRefresh: boolean;
  /** §6, REQ-9: whether inside hosts reach each other by external addresses, and whom they see. */
  readonly hairpinning: "none" | "external-source" | "internal-source";
  /** External ports that are given out. */
  readonly minPort: number;
  readonly maxPort: number;
};

/** Meets every requirement of RFC 4787; with the defaults that it recommends. */
export const RFC_4787_NAT: NatBehaviour = {
  mapping: "endpoint-independent",
  filtering: "endpoint-independent",
  portAssignment: "random",
  keepsPortParity: true,
  addressPooling: "paired",
  mappingLifetimeMs: 300_000,
  inboundRefresh: false,
  hairpinning: "external-source",
  minPort: 1024,
  maxPort: 65_535,
};

/** The four kinds of RFC 3489 §5, which people still speak of, in terms of RFC 4787. */
export const NAT_PRESETS = {
  /** Anybody may send to the external port. */
  fullCone: RFC_4787_NAT,
  /** Whoever was sent to may answer from any port. */
  restrictedCone: { ...RFC_4787_NAT, filtering: "address-dependent" },
  /** Only who was sent to may answer: most home routers. */
  portRestrictedCone: { ...RFC_4787_NAT, filtering: "address-and-port-dependent" },
  /** A new external port for each destination: many company and mobile networks. */
  symmetric: {
    ...RFC_4787_NAT,
    mapping: "address-and-port-dependent",
    filtering: "address-and-port-dependent",
    keepsPortParity: false,
    hairpinning: "none",
  },
} as const satisfies Readonly<Record<string, NatBehaviour>>;
