import dgram from "node:dgram";
import os from "node:os";
import { test } from "vitest";
import { chromium } from "playwright-core";
import { IceAgent } from "./index.ts";
import { createNodeCrypto } from "../crypto/node-crypto.ts";
import { isStunDatagram } from "../stun/stun-header.ts";

function host(role: "controlling" | "controlled", onEvent: (e: any) => void) {
  const sockets = new Map<number, dgram.Socket>();
  let id = 0, timer: any;
  const agent = new IceAgent({ crypto: createNodeCrypto(), role, stunServers: [], transportPolicy: "all", allocateSocketId: () => ++id });
  const now = () => performance.now();
  let dtls = 0, unknown = 0;
  const drain = () => {
    for (;;) {
      const r = agent.pollRequest();
      if (r) {
        if (r.kind === "bindUdp") {
          const s = dgram.createSocket(r.address.includes(":") ? "udp6" : "udp4");
          s.bind(0, r.address, () => { sockets.set(r.socketId, s); agent.handleSocketBound(r.socketId, { address: r.address, port: s.address().port }, now()); drain(); });
          s.on("message", (bytes, from) => { if (isStunDatagram(bytes)) { agent.handleDatagram({ socketId: r.socketId, remoteAddress: from.address, remotePort: from.port, bytes }, now()); drain(); } else { agent.isKnownPath(r.socketId, from.address, from.port) ? dtls++ : unknown++; } });
        } else if (r.kind === "closeSocket") sockets.get(r.socketId)?.close();
        continue;
      }
      const d = agent.pollTransmit();
      if (d) { sockets.get(d.socketId)!.send(d.bytes, d.remotePort, d.remoteAddress); continue; }
      const e = agent.pollEvent();
      if (!e) break;
      onEvent(e);
    }
    clearTimeout(timer);
    const at = agent.nextTimeoutAtMs;
    if (at !== Infinity) timer = setTimeout(() => { agent.handleTimeout(now()); drain(); }, Math.max(0, at - now()));
  };
  return { agent, drain, now, counts: () => ({ dtls, unknown }) };
}
const FP = "a=fingerprint:sha-256 " + Array(32).fill("AA").join(":");
const cand = (c: any) => `candidate:${c.foundation} 1 ${c.transport} ${c.priority} ${c.address} ${c.port} typ ${c.type}`;
function sdp(agent: IceAgent, cands: any[], setup: string) {
  return ["v=0","o=- 1 1 IN IP4 127.0.0.1","s=-","t=0 0","a=group:BUNDLE 0","m=application 9 UDP/DTLS/SCTP webrtc-datachannel","c=IN IP4 0.0.0.0","a=mid:0",
   `a=ice-ufrag:${agent.localParameters.ufrag}`, `a=ice-pwd:${agent.localParameters.password}`, "a=ice-options:trickle ice2", FP, `a=setup:${setup}`, "a=sctp-port:5000", ...cands.map((c) => "a=" + cand(c)), ...(cands.length ? ["a=end-of-candidates"]:[]), ""].join("\r\n");
}
function apply(h: any, text: string) {
  const get = (k: string) => new RegExp(`a=${k}:(\\S+)`).exec(text)![1]!;
  h.agent.setRemoteParameters({ ufrag: get("ice-ufrag"), password: get("ice-pwd") }, h.now());
  for (const m of text.matchAll(/a=candidate:(\S+) (\d) (\S+) (\d+) (\S+) (\d+) typ (\S+)/g)) 
    h.agent.addRemoteCandidate({ foundation: m[1], component: Number(m[2]), transport: m[3]!.toLowerCase(), priority: Number(m[4]), address: m[5], port: Number(m[6]), type: m[7] }, h.now());
  h.agent.endOfRemoteCandidates(h.now());
  h.drain();
}
const ifs = Object.entries(os.networkInterfaces()).flatMap(([n, l]) => (l ?? []).map((i) => ({ address: i.address, interfaceName: n, isInternal: i.internal, family: i.family as any }))).filter((i) => !i.isInternal || process.env.LO);
test("chrome", async () => {
  console.log(ifs);
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", ...(process.env.ARGS?.split(" ") ?? [])] });
  const page = await browser.newPage(); await page.goto("about:blank");
  for (const chromeOffers of [true, false]) {
    const t0 = performance.now(); const states: string[] = []; const cands: any[] = [];
    const h = host(chromeOffers ? "controlled" : "controlling", (e) => { if (e.kind === "stateChanged") states.push(e.state + "@" + (performance.now() - t0).toFixed(0) + (e.failure?.message ?? "")); if (e.kind === "localCandidate") cands.push(e.candidate); if (e.kind==="selectedPairChanged") states.push("sel " + e.local.type + ">" + e.remote.type); if (e.kind==="roleChanged") states.push(e.role); });
    h.agent.gather(ifs, h.now()); h.drain();
    await new Promise((r) => setTimeout(r, 50));
    if (chromeOffers) {
      const offer: string = await page.evaluate(`(async () => { window.pc = new RTCPeerConnection(); window.log=[]; pc.oniceconnectionstatechange = () => log.push(pc.iceConnectionState); pc.createDataChannel("x"); await pc.setLocalDescription(); await new Promise(r => { if (pc.iceGatheringState === "complete") r(); pc.onicegatheringstatechange = () => pc.iceGatheringState === "complete" && r(); }); return pc.localDescription.sdp; })()`) as any;
      console.log(offer.split("\r\n").filter((l) => l.includes("candidate")));
      apply(h, offer);
      await page.evaluate(`pc.setRemoteDescription({type:"answer", sdp: ${JSON.stringify(sdp(h.agent, cands, "passive"))}})`);
    } else {
      const answer: string = await page.evaluate(`(async () => { window.pc = new RTCPeerConnection(); window.log=[]; pc.oniceconnectionstatechange = () => log.push(pc.iceConnectionState); await pc.setRemoteDescription({type:"offer", sdp: ${JSON.stringify(sdp(h.agent, cands, "actpass"))}}); await pc.setLocalDescription(); await new Promise(r => { if (pc.iceGatheringState === "complete") r(); pc.onicegatheringstatechange = () => pc.iceGatheringState === "complete" && r(); }); return pc.localDescription.sdp; })()`) as any;
      apply(h, answer);
    }
    await new Promise((r) => setTimeout(r, 3000));
    console.log("chromeOffers", chromeOffers, states, await page.evaluate(`JSON.stringify([log, pc.iceConnectionState])`), h.counts(), h.agent.diagnostics, h.agent.pairs.map((p) => [p.local.address, p.remote.address, p.remote.type, p.state, p.isNominated, p.requestsSent, p.requestsReceived, p.currentRoundTripTimeMs].join(" ")));
    h.agent.close(); h.drain();
    await page.evaluate("pc.close()");
  }
  await browser.close();
}, 60000);
