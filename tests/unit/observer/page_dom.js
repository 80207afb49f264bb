// As much of a browser as the live page asks for. Reads {script, state} from stdin; prints the text of each part.
"use strict";
const vm = require("node:vm");

class Node {
  constructor(tag) { this.tag = tag; this.attributes = {}; this.children = []; this.hidden = false; }
  setAttribute(name, value) { this.attributes[name] = String(value); }
  append(...more) { this.children.push(...more); }
  replaceChildren(...more) { this.children = more; }
  set textContent(text) { this.children = [text]; }
  get text() { return this.children.map(one => one instanceof Node ? one.text : String(one)).join(" "); }
  get marks() {
    const own = (this.attributes.class || "").startsWith("mark ") ? [[this.attributes.class.slice(5), this.attributes.title]] : [];
    return own.concat(...this.children.filter(one => one instanceof Node).map(one => one.marks));
  }
}

const {script, state} = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
const parts = {announcement: new Node("h1"), alarm: new Node("p"), servers: new Node("main"), windows: new Node("section"), rig: new Node("section")};
const document = {
  getElementById: id => parts[id],
  createElement: tag => new Node(tag),
  createElementNS: (_, tag) => new Node(tag),
  body: {classList: {add() {}, remove() {}}},
};
const fetch = async () => ({ok: true, json: async () => state});
const polled = new Promise(resolve => {
  vm.runInNewContext(script, {document, fetch, AbortSignal: {timeout: () => null}, setTimeout: resolve, Error, Date, console});
});
polled.then(() => {
  const told = Object.fromEntries(Object.entries(parts).map(([id, part]) => [id, part.text]));
  console.log(JSON.stringify({...told, alarm: parts.alarm.hidden ? "" : told.alarm, marks: parts.windows.marks}));
});
