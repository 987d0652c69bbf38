// The little of a document that tests of an API without a page touch.
//
// Nothing here pretends: an element can be made, named, put somewhere and given a `srcObject`, and that
// is all. No element decodes, paints, measures, navigates or fires an event of its own, and there is no
// `captureStream`, so that helpers which look for it fall back to `getUserMedia`. Tests that need more
// are on the list of excluded files.

/** An element without layout, style or behaviour. */
export class HTMLElement extends EventTarget {
  id = "";
  children = [];
  parentNode = null;
  #attributes = new Map();

  constructor(tag = "") {
    super();
    this.localName = tag;
    this.tagName = tag.toUpperCase();
  }

  get parentElement() {
    return this.parentNode;
  }

  get firstChild() {
    return this.children[0] ?? null;
  }

  appendChild(child) {
    child.parentNode?.removeChild(child);
    this.children.push(child);
    child.parentNode = this;
    return child;
  }

  removeChild(child) {
    const at = this.children.indexOf(child);
    if (at === -1) throw new DOMException("not a child of this node", "NotFoundError");
    this.children.splice(at, 1);
    child.parentNode = null;
    return child;
  }

  remove() {
    this.parentNode?.removeChild(this);
  }

  setAttribute(name, value) {
    this.#attributes.set(name, String(value));
  }

  getAttribute(name) {
    return this.#attributes.get(name) ?? null;
  }
}

/** Carries a stream and plays nothing. */
export class HTMLMediaElement extends HTMLElement {
  autoplay = false;
  muted = false;
  #srcObject = null;

  get srcObject() {
    return this.#srcObject;
  }

  set srcObject(value) {
    this.#srcObject = value ?? null;
  }

  /** As in a page: settles when there is something to play, and here that never is. */
  play() {
    return new Promise(() => {});
  }

  pause() {}
}

/** See {@link HTMLMediaElement}. */
export class HTMLVideoElement extends HTMLMediaElement {}

/** See {@link HTMLMediaElement}. */
export class HTMLAudioElement extends HTMLMediaElement {}

/** Has no context to draw with and no stream to capture. */
export class HTMLCanvasElement extends HTMLElement {}

const CLASSES = { video: HTMLVideoElement, audio: HTMLAudioElement, canvas: HTMLCanvasElement };

/** Knows its title, its `meta` elements and the elements of the file that have an id. */
export class Document extends EventTarget {
  readyState = "loading";
  documentElement = new HTMLElement("html");
  head = new HTMLElement("head");
  body = new HTMLElement("body");
  visibilityState = "visible";
  hidden = false;
  #metas;
  #title;

  constructor({ title, isLong, elements }) {
    super();
    this.#title = title;
    this.#metas = isLong ? [{ name: "timeout", content: "long" }] : [];
    this.documentElement.appendChild(this.head);
    this.documentElement.appendChild(this.body);
    for (const { tag, id } of elements) {
      this.body.appendChild(Object.assign(this.createElement(tag), { id }));
    }
  }

  get title() {
    return this.#title;
  }

  createElement(tag) {
    const name = String(tag).toLowerCase();
    return new (CLASSES[name] ?? HTMLElement)(name);
  }

  getElementById(id) {
    return this.#all().find((element) => element.id === id) ?? null;
  }

  getElementsByTagName(tag) {
    if (tag === "meta") return this.#metas;
    if (tag === "title") {
      return this.#title === "" ? [] : [{ firstChild: { data: this.#title } }];
    }
    return this.#all().filter((element) => element.localName === tag);
  }

  #all(from = this.documentElement) {
    return [from, ...from.children.flatMap((child) => this.#all(child))];
  }
}
