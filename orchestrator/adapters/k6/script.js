// The one k6 script of the lab: an open model, or a closed loop of users who think, warmed up, and counted in a window of
// its own.
//
// It reads what to do from options.json beside it, writes one JSON document to standard output at its end, and says
// "lab:start" and "lab:end" in its log, so that counters can be read at both edges of the window.
import { sleep } from 'k6';
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

// Salts: which request and which number are drawn independently of each other.
const LOT = 0x9e3779b9;
const NUMBER = 0x7f4a7c15;

const requests = lab.requests.map((request) => ({
  ...request,
  parameters: {
    headers: request.headers,
    // A body that nobody looks at is not kept.
    responseType: request.check.body === null && request.check.contains === null ? 'none' : 'text',
    responseCallback: http.expectedStatuses(request.check.status),
    // A redirection is an answer; following it might lead away from the server under test.
    redirects: 0,
    timeout: lab.timeout,
    tags: { name: lab.name },
  },
}));

// A request stands here as often as its weight says.
const lots = requests.flatMap((request) => Array(request.weight).fill(request));
const varied = requests.length > 1 || requests[0].numbers !== null;

// The end of MurmurHash3: 32 well mixed bits, cheap, and the same for the same request of every run.
function mixed(number) {
  let bits = Math.imul(number ^ (number >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

// Sends the request whose turn it is; a number of the load decides, no state is shared.
function send(turn) {
  const request = requests.length > 1 ? lots[mixed(turn ^ LOT) % lots.length] : requests[0];
  const numbers = request.numbers;
  const url =
    numbers === null
      ? request.url
      : request.url + (numbers.low + (mixed(turn ^ NUMBER) % numbers.count)) + numbers.after;
  return [request.check, http.request(request.method, url, request.body, request.parameters)];
}

function good(check, response) {
  if (response.status !== check.status) return false;
  if (check.body !== null && response.body !== check.body) return false;
  return check.contains === null || response.body.includes(check.contains);
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
  send(varied ? exec.scenario.iterationInTest : 0);
}

export function measure() {
  if (clock === null) findOpening();
  const begun = clock.currentTestRunDuration - opened;
  const turn = scenario.iterationInTest;
  const late = Math.max(0, begun - turn * lab.period_milliseconds);
  lag.add(late);
  count(turn, begun, late);
}

// Sends, and counts the answer in the second in which its request was begun.
function count(turn, begun, late) {
  const [check, response] = send(turn);
  const slot = slots[Math.min(slots.length - 1, Math.floor(begun / lab.slot_milliseconds))];
  if (!good(check, response)) {
    wrong.add(1, slot);
    return;
  }
  // Making a connection is part of waiting for one.
  const timings = response.timings;
  const took = late + timings.blocked + timings.duration;
  latency.add(took, slot);
  for (const [limit, beyond] of slower) {
    if (took > limit) beyond.add(1);
  }
}

// Users of a closed loop begin spread over one think time, as if they had come one after the other.
function comeIn() {
  sleep((lab.think_seconds * ((exec.vu.idInTest - 1) % lab.users)) / lab.users);
}

let warm = false;

export function warmupLoop() {
  if (!warm) comeIn();
  warm = true;
  send(varied ? exec.scenario.iterationInTest : 0);
  sleep(lab.think_seconds);
}

// Nothing is due in a closed loop: latency is from the send.
export function measureLoop() {
  if (clock === null) {
    findOpening();
    comeIn();
  }
  count(scenario.iterationInTest, clock.currentTestRunDuration - opened, 0);
  sleep(lab.think_seconds);
}

export function teardown() {
  console.log('lab:end');
}

export function handleSummary(data) {
  const metrics = Object.fromEntries(lab.reported.map((name) => [name, data.metrics[name].values]));
  return { stdout: JSON.stringify({ schema: 2, metrics }) };
}
