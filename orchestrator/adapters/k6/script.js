// The one k6 script of the lab: an open model, warmed up, judged in a window of its own.
//
// It reads what to do from options.json beside it, writes one JSON document to standard output at its end, and says
// "lab:start" and "lab:end" in its log, so that counters can be read at both edges of the window.
import http from 'k6/http';
import exec from 'k6/execution';
import { Counter, Trend } from 'k6/metrics';

const lab = JSON.parse(open('./options.json'));

export const options = lab.options;

// Answers with the wrong status or body, and requests without an answer.
const wrong = new Counter('lab_wrong_answers');

// How late each request began: the generator's own delay, which the server had no part in.
const lag = new Trend('lab_start_lag', true);

// Of each good answer, from the moment its request was due to its last byte.
const latency = new Trend('lab_latency', true);

// Good answers slower than each limit, counted one by one.
const slower = lab.limits_milliseconds.map((limit, number) => [limit, new Counter(`lab_slower_${number}`)]);

const slots = Array.from({ length: lab.slots }, (_, number) => ({ slot: String(number) }));

const body = lab.request.body === '' ? null : lab.request.body;
const contains = lab.request.contains;
const request = {
  responseType: 'text',
  timeout: lab.request.timeout,
  tags: { name: lab.request.name },
};

function good(response) {
  if (response.status !== 200) return false;
  if (body !== null && response.body !== body) return false;
  return contains === '' || response.body.includes(contains);
}

// Each access to exec.scenario builds that object anew, at a fifth of a request's cost; kept, it still tells of now.
let clock = null;
let scenario = null;
let opened = 0;

// When the window opened, on the only clock of k6 that is finer than a millisecond. What passes between the two
// readings makes it too early, never too late: the latest of a few is the best.
function findOpening() {
  clock = exec.instance;
  scenario = exec.scenario;
  const found = () => clock.currentTestRunDuration - scenario.progress * lab.window_milliseconds;
  opened = Math.max(found(), found(), found());
}

export function setup() {
  console.log('lab:start');
}

export function warmup() {
  http.request(lab.request.method, lab.request.url, null, request);
}

export function measure() {
  if (clock === null) findOpening();
  const begun = clock.currentTestRunDuration - opened;
  const late = Math.max(0, begun - scenario.iterationInTest * lab.period_milliseconds);
  lag.add(late);
  const response = http.request(lab.request.method, lab.request.url, null, request);
  const slot = slots[Math.min(slots.length - 1, Math.floor(begun / lab.slot_milliseconds))];
  if (!good(response)) {
    wrong.add(1, slot);
    return;
  }
  // Making a connection is part of waiting for one.
  const timings = response.timings;
  const took = late + timings.blocked + timings.duration;
  latency.add(took, slot);
  for (const [limit, count] of slower) {
    if (took > limit) count.add(1);
  }
}

export function teardown() {
  console.log('lab:end');
}

export function handleSummary(data) {
  const metrics = Object.fromEntries(lab.reported.map((name) => [name, data.metrics[name].values]));
  return { stdout: JSON.stringify({ schema: 2, metrics }) };
}
