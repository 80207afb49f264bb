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

export function setup() {
  console.log('lab:start');
}

export function warmup() {
  http.request(lab.request.method, lab.request.url, null, request);
}

export function measure() {
  // Asking k6 for the iteration's number costs as much as a fifth of a request: every fourth of each user is enough.
  if (__ITER % 4 === 0) {
    const due = exec.scenario.startTime + (exec.scenario.iterationInTest * 1000) / lab.rate_per_second;
    lag.add(Math.max(0, Date.now() - due));
  }
  if (!good(http.request(lab.request.method, lab.request.url, null, request))) wrong.add(1);
}

export function teardown() {
  console.log('lab:end');
}

export function handleSummary(data) {
  return { stdout: JSON.stringify({ schema: 1, metrics: data.metrics }) };
}
