// node-datachannel: libdatachannel (C++) bound to Node, through its own API, which is faster than the
// W3C layer that it also has.
import { PeerConnection } from "node-datachannel";
import { installedVersion } from "../lib/version.mjs";

const LOW_POLL_MS = 5;

function open({ isOfferer, signal }) {
  const connection = new PeerConnection("bench", { iceServers: [] });
  connection.onLocalDescription((sdp, type) => signal({ description: { sdp, type } }));
  connection.onLocalCandidate((candidate, mid) => signal({ candidate, mid }));
  const opened = new Promise((resolve) => {
    const wait = (channel) => {
      const wrapped = wrapChannel(channel);
      if (channel.isOpen()) resolve(wrapped);
      else channel.onOpen(() => resolve(wrapped));
    };
    if (isOfferer) wait(connection.createDataChannel("bench"));
    else connection.onDataChannel(wait);
  });
  return {
    opened,
    handleSignal: ({ description, candidate, mid }) => {
      if (description) connection.setRemoteDescription(description.sdp, description.type);
      else connection.addRemoteCandidate(candidate, mid);
    },
    close: () => connection.close(),
  };
}

function wrapChannel(channel) {
  let wake = () => {};
  channel.onBufferedAmountLow(() => wake());
  return {
    send: (data) =>
      typeof data === "string" ? channel.sendMessage(data) : channel.sendMessageBinary(data),
    bufferedAmount: () => channel.bufferedAmount(),
    whenLow: (bytes) =>
      new Promise((resolve) => {
        channel.setBufferedAmountLowThreshold(bytes);
        const timer = setInterval(() => channel.bufferedAmount() <= bytes && wake(), LOW_POLL_MS);
        wake = () => {
          clearInterval(timer);
          wake = () => {};
          resolve();
        };
      }),
    onMessage: (listener) => channel.onMessage(listener),
  };
}

export const adapter = {
  name: "node-datachannel",
  version: installedVersion("node-datachannel"),
  open,
};
