import { test } from "vitest";
import { NegotiatingPeer } from "../support/negotiating-peer.ts";
import { Lab } from "../connection/support/lab.ts";

const FP = "a=fingerprint:sha-256 " + Array.from({length:32},()=>"AB").join(":") + "\r\n";
const HEAD = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n";
const TR = `a=ice-ufrag:abcd\r\na=ice-pwd:${"p".repeat(24)}\r\n${FP}a=setup:actpass\r\n`;
const audio = (mid: string, extra = "") => `m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:${mid}\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n${extra}`;
const time = (name: string, f: () => unknown) => { const s = performance.now(); let r = ""; try { f(); } catch (e) { r = String(e).slice(0, 300) } console.log(name, Math.round(performance.now() - s), "ms", r); };

test("512 bundled + data alone last", async () => {
  const n = 511;
  const mids = Array.from({length:n},(_, i)=>`m${i}`);
  const data = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=mid:d\r\na=sctp-port:5000\r\n";
  const offer = HEAD + `a=group:BUNDLE ${mids.join(" ")}\r\n` + TR + mids.map(m=>audio(m)).join("") + data;
  const lab = new Lab();
  const c = lab.connection();
  const s = performance.now();
  await lab.run(c.setRemoteDescription({type:"offer", sdp: offer})).catch(e=>console.log("SRD", String(e).slice(0,200)));
  console.log("srd", performance.now()-s);
  const s2 = performance.now();
  await lab.run(c.setLocalDescription()).catch(e=>console.log("SLD", String(e).slice(0,200)));
  console.log("sld", performance.now()-s2, c.getTransceivers().length);
  const s3 = performance.now();
  for (let i = 0; i < 10; i++) await lab.run(c.addIceCandidate()).catch(e=>console.log(String(e)));
  console.log("10 end of candidates", performance.now()-s3);
  const s4 = performance.now();
  for (let i = 0; i < 100; i++) await lab.run(c.addIceCandidate({candidate:`candidate:1 1 udp 1 198.51.100.9 ${1+i} typ host`, sdpMid:"m5"})).catch(e=>console.log(String(e)));
  console.log("100 candidates", performance.now()-s4);
  await lab.close();
});
test("512 bundled no codecs", async () => {
  for (const policy of ["max-compat", "balanced"] as const) {
  const n = 512;
  const mids = Array.from({length:n},(_, i)=>`m${i}`);
  const offer = HEAD + TR + mids.map(m=>audio(m)).join("");
  const lab = new Lab();
  const host = lab.host();
  const c = lab.connection({bundlePolicy: policy}, {}, host);
  await lab.run(c.setRemoteDescription({type:"offer", sdp: offer})).catch(e=>console.log("SRD", String(e).slice(0,200)));
  const s2 = performance.now();
  await lab.run(c.setLocalDescription()).catch(e=>console.log("SLD", String(e).slice(0,200)));
  await lab.settleNow();
  console.log(policy, "sockets", host.resources, performance.now()-s2);
  await lab.close();
  }
});
test("feedback", () => {
  const fb = Array.from({length:60},(_, i)=>`a=rtcp-fb:* ${i}${"x".repeat(16000)}\r\n`).join("");
  const pts = [...Array.from({length:64},(_, i)=>i), ...Array.from({length:32},(_, i)=>96+i)];
  const offer = HEAD + TR + `m=video 9 UDP/TLS/RTP/SAVPF ${pts.join(" ")}\r\na=mid:0\r\na=rtcp-mux\r\n` + pts.map(p=>`a=rtpmap:${p} VP8/90000\r\n`).join("") + fb;
  const p = new NegotiatingPeer(1);
  time("fb take", () => p.take(offer));
  time("fb answer", () => p.answer());
});
test("msids", async () => {
  let i = 0;
  const offer = HEAD + TR + "a=group:BUNDLE " + Array.from({length:15},(_, k)=>k).join(" ") + "\r\n" + Array.from({length:15},(_, k)=>audio(String(k), Array.from({length:2000},()=>`a=msid:s${i++} t\r\n`).join(""))).join("");
  const lab = new Lab();
  const c = lab.connection();
  const s = performance.now();
  await lab.run(c.setRemoteDescription({type:"offer", sdp: offer})).catch(e=>console.log("SRD", String(e).slice(0,200)));
  console.log("msids", performance.now()-s);
  await lab.close();
});
test("group dup", async () => {
  const offer = HEAD + TR + "a=group:BUNDLE " + Array.from({length:4000},()=>"0").join(" ") + "\r\n" + audio("0");
  const p = new NegotiatingPeer(1);
  p.take(offer); console.log(p.answer().length);
});
test("answers RTP/AVP", async () => {
  const p = new NegotiatingPeer(1), q = new NegotiatingPeer(2);
  p.add("audio"); p.wantsDataChannel = true;
  const o = p.offer(); q.take(o); const a = q.answer();
  const parts = a.split(/(?=m=)/);
  parts[1] = parts[1]!.replace("UDP/TLS/RTP/SAVPF", "RTP/AVP").replace(/a=fingerprint.*\r\n/, "");
  time("avp", () => { p.setRemote("answer", parts.join("")); });
  console.log(p.state.signalingState, p.transceivers[0]!.currentDirection);
});
