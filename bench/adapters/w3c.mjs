// The part that every adapter for a stack with the W3C's API has in common.
//
// An adapter is `{ name, version, open }`. `open({ isOfferer, signal })` gives a link:
//   handleSignal(message)   what the other side's `signal` was called with, in order
//   opened                  a promise of the channel "bench"
//   close()
// and a channel is:
//   send(data)              a string or a Uint8Array
//   bufferedAmount()        bytes accepted but not yet given to the network
//   whenLow(bytes)          resolves when the buffered amount has fallen to `bytes`
//   onMessage(listener)     called with each message: a string or something with `byteLength`

const LOW_POLL_MS = 5;

/** Adapter for a stack whose classes are the W3C's. */
export function w3cAdapter({ name, version, Connection, configuration, settings }) {
  const open = ({ isOfferer, signal }) => {
    const connection = new Connection(configuration, ...(settings === undefined ? [] : [settings]));
    const outbox = holdBack(signal);
    connection.onicecandidate = ({ candidate }) => {
      if (candidate) outbox.later({ candidate: toInit(candidate) });
    };
    const opened = new Promise((resolve) => {
      const wait = (channel) => {
        channel.binaryType = "arraybuffer";
        const wrapped = wrapChannel(channel);
        if (channel.readyState === "open") resolve(wrapped);
        else channel.onopen = () => resolve(wrapped);
      };
      if (isOfferer) wait(connection.createDataChannel("bench"));
      else connection.ondatachannel = ({ channel }) => wait(channel);
    });
    const describe = async (make) => {
      await connection.setLocalDescription(await make());
      const { type, sdp } = connection.localDescription;
      outbox.release({ description: { type, sdp } });
    };
    const handle = async ({ description, candidate }) => {
      if (candidate) await connection.addIceCandidate(candidate);
      if (description) await connection.setRemoteDescription(description);
      if (description?.type === "offer") await describe(() => connection.createAnswer());
    };
    let queue = isOfferer ? describe(() => connection.createOffer()) : Promise.resolve();
    return {
      opened,
      handleSignal: (message) => {
        queue = queue.then(() => handle(message));
      },
      close: () => connection.close(),
    };
  };
  return { name, version, open };
}

/** Candidates wait for the description that they belong to. */
function holdBack(signal) {
  let held = [];
  return {
    later: (message) => (held === undefined ? signal(message) : held.push(message)),
    release: (description) => {
      signal(description);
      for (const message of held) signal(message);
      held = undefined;
    },
  };
}

function toInit(candidate) {
  return typeof candidate.toJSON === "function" ? candidate.toJSON() : candidate;
}

function wrapChannel(channel) {
  return {
    send: (data) => channel.send(data),
    bufferedAmount: () => channel.bufferedAmount,
    whenLow: (bytes) =>
      new Promise((resolve) => {
        channel.bufferedAmountLowThreshold = bytes;
        // Some stacks lose the event now and then, so look as well.
        const timer = setInterval(() => channel.bufferedAmount <= bytes && settle(), LOW_POLL_MS);
        const settle = () => {
          clearInterval(timer);
          channel.removeEventListener("bufferedamountlow", settle);
          resolve();
        };
        channel.addEventListener("bufferedamountlow", settle);
      }),
    onMessage: (listener) => {
      channel.onmessage = ({ data }) => listener(data);
    },
  };
}
