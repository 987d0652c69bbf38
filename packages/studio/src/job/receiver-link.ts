/** What the main process says to the receiver's process, over the channel that `fork` makes. */
export type ToReceiver =
  | {
      readonly kind: "start";
      readonly signalingUrl: string;
      readonly room: string;
      readonly senderId: string;
      /** Received files go here. */
      readonly folder: string;
    }
  | { readonly kind: "stop" };

/** What the receiver's process says. */
export type FromReceiver =
  | { readonly kind: "ready" }
  | { readonly kind: "joined"; readonly participantId: string }
  | {
      readonly kind: "received";
      readonly path: string;
      readonly sha256: string;
      readonly sizeBytes: number;
    }
  | { readonly kind: "failed"; readonly reason: string };
