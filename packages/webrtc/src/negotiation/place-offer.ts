import type { MediaDescription } from "../sdp/index.ts";
import type { Placement } from "./description-draft.ts";
import { hasMidAttribute } from "./mids.ts";
import type { NegotiationState } from "./negotiation-state.ts";
import { outlineOf } from "./outline.ts";
import type { TransceiverState } from "./transceiver.ts";

/** What stands at one place of an offer. `model` is the section that stood there before. */
export type OfferSlot =
  | {
      readonly kind: "media";
      readonly transceiver: TransceiverState;
      readonly mid: string;
      readonly model: MediaDescription | undefined;
    }
  | { readonly kind: "data"; readonly mid: string; readonly model: MediaDescription | undefined }
  | { readonly kind: "rejected"; readonly model: MediaDescription };

type LiveSlot = Exclude<OfferSlot, { kind: "rejected" }>;

/**
 * Which transport each section of an offer lies on (RFC 9429 §4.1.1, §5.2.1, §5.2.2): what was negotiated
 * stays; a new section goes into the negotiated bundle if there is one, else what the policy says.
 */
export function placeOffer(
  state: NegotiationState,
  slots: readonly OfferSlot[],
): {
  readonly placements: readonly (Placement | undefined)[];
  readonly bundles: readonly (readonly string[])[];
} {
  const live = new Map<string, LiveSlot>();
  for (const slot of slots) {
    if (slot.kind !== "rejected") live.set(slot.mid, slot);
  }
  const bundles = bundlesToOffer(state, live);
  const inOrder = [...bundles.flat(), ...live.keys()];
  const ids = chooseTransports(state, live, bundles[0] ?? [], inOrder);
  const carrierOf = new Map<string, string>();
  for (const mid of inOrder) {
    const id = ids.get(mid)!;
    if (!carrierOf.has(id)) carrierOf.set(id, mid);
  }
  const negotiated = new Set(state.transportIds.values());
  const placements = slots.map((slot): Placement | undefined => {
    if (slot.kind === "rejected") return undefined;
    const { mid, model } = slot;
    const transportId = ids.get(mid)!;
    const isNew = !state.transportIds.has(mid);
    const isCarrier = carrierOf.get(transportId) === mid;
    return {
      mid,
      hasMid: hasMidAttribute(model),
      transportId,
      isCarrier,
      isBundleOnly: isNew && !isCarrier && !negotiated.has(transportId),
      setup: "actpass",
      opensTransport: isNew && isCarrier,
    };
  });
  return { placements, bundles };
}

/** The bundles of the newest answer without what has ended; all that is new goes into the first (RFC 9429 §5.2.2). */
function bundlesToOffer(
  state: NegotiationState,
  live: ReadonlyMap<string, LiveSlot>,
): readonly (readonly string[])[] {
  const answer = [state.currentLocal, state.currentRemote].find((set) => set?.type === "answer");
  const bundles = new Map<string, string[]>();
  for (const mid of answer === undefined ? [] : outlineOf(answer.parsed).bundleOfMid.keys()) {
    const id = state.transportIds.get(mid);
    if (live.has(mid) && id !== undefined) bundles.set(id, [...(bundles.get(id) ?? []), mid]);
  }
  const [first = []] = bundles.values();
  for (const [mid, { model }] of live) {
    if (!state.transportIds.has(mid) && hasMidAttribute(model)) first.push(mid);
  }
  if (bundles.size > 0) return [...bundles.values()];
  return first.length > 0 ? [first] : [];
}

function chooseTransports(
  state: NegotiationState,
  live: ReadonlyMap<string, LiveSlot>,
  bundle: readonly string[],
  inOrder: readonly string[],
): ReadonlyMap<string, string> {
  const ids = new Map<string, string>();
  const kinds = new Set<string>();
  const negotiated = bundle.find((mid) => state.transportIds.has(mid));
  for (const mid of inOrder) {
    if (ids.has(mid)) continue;
    const slot = live.get(mid)!;
    const kind = slot.kind === "media" ? slot.transceiver.kind : slot.kind;
    const shared = ids.get(negotiated ?? bundle[0] ?? "");
    const isFirstOfKind = !kinds.has(kind);
    kinds.add(kind);
    const known = state.transportIds.get(mid);
    const isShared =
      shared !== undefined &&
      (negotiated !== undefined || mustShare(state.identity.bundlePolicy, isFirstOfKind));
    ids.set(mid, known ?? (isShared ? shared : mid));
  }
  return ids;
}

function mustShare(
  policy: NegotiationState["identity"]["bundlePolicy"],
  isFirstOfKind: boolean,
): boolean {
  if (policy === "max-compat") return false;
  return policy === "max-bundle" || !isFirstOfKind;
}
