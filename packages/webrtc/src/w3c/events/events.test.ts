import assert from "node:assert/strict";
import { test } from "vitest";
import { createRTCDataChannel } from "../rtc-data-channel.ts";
import { RTCError } from "../rtc-error.ts";
import { RTCIceCandidate } from "../rtc-ice-candidate.ts";
import { TaskQueue } from "../task-queue.ts";
import { RTCDataChannelEvent } from "./rtc-data-channel-event.ts";
import { RTCErrorEvent } from "./rtc-error-event.ts";
import { RTCPeerConnectionIceErrorEvent } from "./rtc-peer-connection-ice-error-event.ts";
import { RTCPeerConnectionIceEvent } from "./rtc-peer-connection-ice-event.ts";

type AnyEventClass = new (...values: never[]) => Event;
const construct = (eventClass: AnyEventClass, ...values: unknown[]): unknown =>
  Reflect.construct(eventClass, values);

const error = new RTCError({ errorDetail: "sctp-failure" });
const candidate = new RTCIceCandidate({ candidate: "", sdpMid: "0" });
const { channel } = createRTCDataChannel({
  description: {
    label: "",
    ordered: true,
    maxPacketLifeTime: null,
    maxRetransmits: null,
    protocol: "",
    negotiated: false,
    id: null,
    isFromPeer: false,
  },
  port: { maxMessageBytes: 1, maxBufferedBytes: 1, send: () => true, close() {} },
  tasks: new TaskQueue({ queueTask() {} }),
});

test("RTCDataChannelEvent needs a channel (W3C §6.4)", () => {
  assert.equal(RTCDataChannelEvent.length, 2);
  for (const values of [
    ["type"],
    ["type", {}],
    ["type", { channel: null }],
    ["type", { channel: {} }],
  ]) {
    assert.throws(() => construct(RTCDataChannelEvent, ...values), TypeError);
  }
  const event = new RTCDataChannelEvent("type", { channel, cancelable: true });
  assert.ok(event instanceof Event);
  assert.equal(event.channel, channel);
  assert.equal(event.type, "type");
  assert.ok(event.cancelable && !event.bubbles);
  assert.equal(Object.prototype.toString.call(event), "[object RTCDataChannelEvent]");
});

test("RTCErrorEvent needs an RTCError (W3C §11.2)", () => {
  assert.equal(RTCErrorEvent.length, 2);
  for (const values of [["error"], ["error", {}], ["error", { error: new DOMException() }]]) {
    assert.throws(() => construct(RTCErrorEvent, ...values), TypeError);
  }
  assert.equal(new RTCErrorEvent("error", { error }).error, error);
});

test("RTCPeerConnectionIceEvent has null candidate and url by default (W3C §4.8.2)", () => {
  assert.equal(RTCPeerConnectionIceEvent.length, 1);
  for (const init of [undefined, {}, { candidate: null }, { candidate: undefined }]) {
    const event = new RTCPeerConnectionIceEvent("icecandidate", init as object);
    assert.equal(event.candidate, null);
    assert.equal(event.url, null);
    assert.ok(!event.bubbles && !event.cancelable);
  }
  const event = new RTCPeerConnectionIceEvent("x", { candidate, url: "stun:a", bubbles: true });
  assert.equal(event.candidate, candidate);
  assert.equal(event.url, "stun:a");
  assert.ok(event.bubbles);
  assert.throws(() => construct(RTCPeerConnectionIceEvent), TypeError);
  assert.throws(
    () => construct(RTCPeerConnectionIceEvent, "x", { candidate: { candidate: "", sdpMid: "0" } }),
    /RTCPeerConnectionIceEventInit\.candidate: an object is not of type RTCIceCandidate/,
  );
});

test("RTCPeerConnectionIceErrorEvent takes what it is given, the error code is required (W3C §4.8.3)", () => {
  const init = {
    address: "192.0.2.5",
    port: 4711,
    url: "turn:turn.example.org",
    errorCode: 703,
    errorText: "text",
  };
  const event = new RTCPeerConnectionIceErrorEvent("icecandidateerror", init);
  const { address, port, url, errorCode, errorText } = event;
  assert.deepEqual({ address, port, url, errorCode, errorText }, init);
  const plain = new RTCPeerConnectionIceErrorEvent("x", { errorCode: 701 });
  assert.deepEqual([plain.address, plain.port, plain.url, plain.errorText], [null, null, "", ""]);
  assert.throws(() => construct(RTCPeerConnectionIceErrorEvent, "x"), TypeError);
  assert.throws(() => construct(RTCPeerConnectionIceErrorEvent, "x", {}), TypeError);
});

test("attributes are readonly accessors of the prototype, enumerable as in a browser (Web IDL §3.7.6)", () => {
  const event = new RTCErrorEvent("error", { error });
  assert.throws(() => Reflect.apply(Object.assign, null, [event, { error: null }]), TypeError);
  assert.ok(Object.keys(RTCErrorEvent.prototype).includes("error"));
  assert.deepEqual(
    Object.keys(event).filter((key) => key === "error"),
    [],
  );
});
