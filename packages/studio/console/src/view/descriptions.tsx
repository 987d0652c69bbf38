import type { OwnConnection } from "../model.ts";

/** Offer and answer, side by side. */
export function Descriptions({ own }: { readonly own: OwnConnection | undefined }) {
  return (
    <section class="card" aria-labelledby="descriptions-title">
      <h2 id="descriptions-title">
        Session descriptions <small>SDP, RFC 8866</small>
      </h2>
      <div class="descriptions">
        <Description id="offer" title="Offer" from="the sender" sdp={own?.offer ?? ""} />
        <Description id="answer" title="Answer" from="this page" sdp={own?.answer ?? ""} />
      </div>
    </section>
  );
}

type DescriptionProps = {
  readonly id: string;
  readonly title: string;
  readonly from: string;
  readonly sdp: string;
};

function Description({ id, title, from, sdp }: DescriptionProps) {
  const lines = sdp.split(/\r?\n/).filter((line) => line !== "");
  return (
    <figure>
      <figcaption>
        <strong>{title}</strong> of {from}
        {lines.length > 0 && <span class="quiet"> · {lines.length} lines</span>}
      </figcaption>
      <pre id={id} tabIndex={0}>
        {lines.length === 0 ? (
          <span class="quiet">none yet</span>
        ) : (
          lines.map((line, index) => <SdpLine key={index} line={line} />)
        )}
      </pre>
    </figure>
  );
}

function SdpLine({ line }: { readonly line: string }) {
  const attribute = /^(a=[^:]+:?)(.*)$/.exec(line);
  const [, head = line.slice(0, 2), rest = line.slice(2)] = attribute ?? [];
  return (
    <span class={line.startsWith("m=") ? "media" : ""}>
      <b>{head}</b>
      {rest}
      {"\n"}
    </span>
  );
}
