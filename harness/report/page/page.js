'use strict';
// Draws a run (page_format.md). From top to bottom: the data, the layout, the drawing, the panels, the controls.

// ---- The data ----

const data = JSON.parse(document.getElementById('data').textContent);
const texts = data.texts;

// Returns the bytes of a text: bytes that are not UTF-8 are the code points U+10FF80 to U+10FFFF.
function bytesOf(text) {
  const bytes = [];
  for (const character of text) {
    const code = character.codePointAt(0);
    if (code >= 0x10ff80) bytes.push(code - 0x10ff00);
    else bytes.push(...new TextEncoder().encode(character));
  }
  return bytes;
}

function payloadText(text, size, most = 60) {
  let shown = '';
  for (const character of text) {
    const code = character.codePointAt(0);
    if (code >= 0x10ff80 || (code < 0x20 && !'\n\r\t'.includes(character)) || code === 0x7f) {
      const bytes = bytesOf(text).slice(0, most / 3);
      return 'hex ' + bytes.map(hex).join(' ') + (bytes.length < size ? ` ... (${size} bytes)` : '');
    }
    shown += {'\n': '\\n', '\r': '\\r', '\t': '\\t', '"': '\\"', '\\': '\\\\'}[character] || character;
    if (shown.length > most) return `"${shown.slice(0, most)}"... (${size} bytes)`;
  }
  return `"${shown}"` + (bytesOf(text).length < size ? `... (${size} bytes)` : '');
}

const hex = (byte) => byte.toString(16).padStart(2, '0');

// Nanoseconds in words, exactly to the microsecond from 1 ms on.
function timeText(ns) {
  if (Math.abs(ns) < 1e3) return `${ns} ns`;
  if (Math.abs(ns) < 1e6) return `${+(ns / 1e3).toFixed(3)} us`;
  if (Math.abs(ns) < 1e9) return `${(ns / 1e6).toFixed(3)} ms`;
  return `${(ns / 1e9).toFixed(6)} s`;
}

const worldOps = new Set(
  ['deliver', 'crash', 'power_off', 'restart', 'pause', 'unpause', 'link', 'clock_jump', 'fault']);
const quietOps = new Set(['resume', 'spawn', 'wait', 'clock', 'task', 'watch', 'turn', 'delay', 'quiescent',
  'name', 'local', 'peer', 'options', 'set_peer', 'resolved', 'connected']);
const linkStates = ['healed', 'held', 'cut'];

const isEnd = (one) => ['done', 'failed', 'cancelled'].includes(one.op);

class Event {
  constructor(run, number, row) {
    [this.t, this.host, this.task, this.op, this.handle, this.result, this.error, this.bytes, this.size, this.frames,
      this.step, this.common, this.address] = row;
    for (const name of ['task', 'op', 'handle', 'error', 'frames', 'address']) this[name] = texts[this[name]];
    this.run = run;
    this.number = number;
    this.world = worldOps.has(this.op);
    this.marks = [];
  }
  get quiet() {
    return quietOps.has(this.op) || (this.op === 'close' && this.handle.startsWith('fd '));
  }
  get operation() {
    if (this.op === 'link') return `link to ${this.handle} ${linkStates[this.result] || this.result}`;
    const size = this.op === 'deliver' && this.size === 0 && this.result !== null ? ` up to byte ${this.result}` : '';
    const result = size || (this.error === '' && this.result !== null && !['log', 'crash', 'power_off', 'restart',
      'pause', 'unpause', 'resume'].includes(this.op) ? ` = ${this.result}` : '');
    const payload = this.bytes !== '' || this.size !== 0 ? ' ' + (this.bytes === '' ? `${this.size} bytes` :
      payloadText(this.bytes, this.size)) : '';
    return `${this.op}${this.handle ? ' ' + this.handle : ''}${this.error ? ' ' + this.error : ''}${result}${payload}`;
  }
  // What stands beside the event in the diagram.
  get label() {
    const payload = this.bytes === '' ? '' : payloadText(this.bytes, this.size, 28);
    switch (this.op) {
      case 'log': return this.bytes;
      case 'deliver': return this.error;
      case 'link': return this.operation;
      case 'resume': return this === sites.fails ? 'fails in this step' : '';
      case 'spawn': return `spawn ${this.task}`;
      case 'recv': case 'send': case 'recv_from': case 'send_to': {
        const left = this.left ? `, ${this.left} left` : '';
        if (this.error) return `${this.op} ${this.error}`;
        if (this.result === 0 && this.op === 'recv') return 'recv end';
        return `${this.op} ${payload || this.result + ' bytes'}${left}`;
      }
      case 'failed': return `failed: ${this.bytes}`;
      case 'random': case 'choose': return `${this.op} = ${this.result}`;
      default: return `${this.op}${this.handle && !this.handle.startsWith('fd ') ? ' ' + this.handle : ''}` +
          `${this.error ? ' ' + this.error : ''}${payload ? ' ' + payload : ''}`;
    }
  }
  get id() { return `${this.run.index === 0 ? 'e' : 'd'}${this.number}`; }
}

class Run {
  constructor(raw, index) {
    this.name = raw.name;
    this.index = index;
    this.first = raw.first;
    this.events = raw.events.map((row, i) => new Event(this, raw.first + i, row));
    this.messages = raw.messages.map(([kind, from, to, begin, bytes]) =>
      ({kind, from: this.event(from), to: this.event(to), begin, bytes, run: this}))
      .filter((one) => one.from || one.to);
    this.findPlaces();
    this.findLanes();
    this.findFlights();
    this.findPartialReads();
  }
  event(number) { return this.events[number - this.first]; }

  // Numbers the events of each host.
  findPlaces() {
    const places = data.hosts.map(() => 0);
    for (const one of this.events) one.place = places[one.host]++;
  }
  // Each task has a lane of its host, which another task may have after its end. What the world does is drawn on the
  // lane of the task that it concerns.
  findLanes() {
    this.lanes = data.hosts.map(() => 0);
    this.tasks = data.hosts.map(() => new Set());
    const users = new Map();
    for (let i = this.events.length - 1; i >= 0; --i) {
      const one = this.events[i];
      const key = `${one.host} ${one.handle}`;
      if (one.op === 'deliver') one.forTask = users.get(key) || '';
      else if (one.task && one.handle && ['recv', 'recv_from', 'accept'].includes(one.op)) users.set(key, one.task);
    }
    const last = new Map();
    for (const one of this.events) if (one.task || one.forTask) last.set(`${one.host} ${one.task || one.forTask}`, one);
    const lanes = new Map(), free = data.hosts.map(() => []);
    for (const one of this.events) {
      const task = one.task || one.forTask, key = `${one.host} ${task}`;
      one.lane = 0;
      if (!task) continue;
      this.tasks[one.host].add(task);
      if (!lanes.has(key)) lanes.set(key, free[one.host].length ? free[one.host].shift() : this.lanes[one.host]++);
      one.lane = lanes.get(key);
      if (last.get(key) === one && isEnd(one)) {
        free[one.host].push(one.lane);
        free[one.host].sort((a, b) => a - b);
      }
    }
  }
  // A message is late if its flight takes more than three times as long as half of those between the same hosts.
  findFlights() {
    const usual = new Map();
    const pair = (one) => `${one.from.host} ${one.to.host} ${one.kind === 'connect'}`;
    for (const one of this.messages) {
      if (!one.from || !one.to) continue;
      one.flight = one.to.t - one.from.t;
      if (!usual.has(pair(one))) usual.set(pair(one), []);
      usual.get(pair(one)).push(one.flight);
    }
    for (const flights of usual.values()) flights.sort((a, b) => a - b);
    for (const one of this.messages) {
      if (!one.to || !one.from) continue;
      const flights = usual.get(pair(one));
      const median = flights[(flights.length - 1) >> 1];
      one.late = (one.kind === 'data' || one.kind === 'datagram') && one.flight > 3 * median ? one.flight - median : 0;
    }
    // What was sent shortly before the end may still have been on its way.
    const all = [...usual.values()].flat().sort((a, b) => a - b);
    const most = 3 * (all[all.length >> 1] || 1e6);
    const end = this.events.length ? this.events[this.events.length - 1].t : 0;
    for (const one of this.messages) if (!one.to) one[end - one.from.t > most ? 'lost' : 'unfinished'] = true;
  }
  // A read that leaves bytes unread says how many.
  findPartialReads() {
    const arrived = new Map(), taken = new Map();
    for (const one of this.events) {
      if (one.op === 'deliver' && one.error === '') arrived.set(one.handle, one.result);
      if (one.op !== 'recv' || one.error !== '' || !arrived.has(one.handle)) continue;
      taken.set(one.handle, (taken.get(one.handle) || 0) + one.result);
      one.left = Math.max(0, arrived.get(one.handle) - taken.get(one.handle));
    }
  }
}

const runs = data.runs.map((raw, index) => new Run(raw, index));
const failing = runs[0];
// A simulated run begins at 0, a recording at the time of its machine.
const beginning = (failing.events.find((one) => one.op !== 'note') || {t: 0}).t;
if (!data.schedule) for (const one of failing.events) one.t = Math.max(0, one.t - beginning);
const deviations = (data.deviations || []).filter((one) => !one.parameter);
deviations.forEach((one, i) => {
  const event = failing.event(one.event + 1) || failing.event(one.event);
  if (event) event.marks.push(i);
});
const sites = {
  fails: data.failure ? failing.event(data.failure.event) : undefined,
  point: data.point && data.point.event ? failing.event(data.point.event) : undefined,
  difference: data.difference && data.difference.failing ? failing.event(data.difference.failing) : undefined,
};

// ---- The layout ----

const view = {
  runs: runs.length > 1 && data.hosts.length < 4 ? 'both' : '0', time: false, all: false, fold: false, zoom: 1,
  host: '', task: '', connection: '', search: '', picked: null, tab: 'summary', open: new Set(),
};
const size = {row: 18, curve: 64, times: 76, lane: 14, column: 210, gap: 16, head: 44, context: 8};

const shownRuns = () => view.runs === 'both' ? runs : [runs[Number(view.runs)]];

function passes(one) {
  if (!view.all && one.quiet && one.marks.length === 0 && !Object.values(sites).includes(one)) return false;
  if (view.host !== '' && one.host !== Number(view.host)) return false;
  if (view.task !== '' && (one.task || one.forTask) !== view.task) return false;
  return view.connection === '' || connectionOf(one) === view.connection;
}
const connectionOf = (one) => one.handle.includes('#') ? one.handle.replace(/[<>]$/, '') : '';

// Returns rows of at most one event of each run. Common events of two runs share a row.
function pairRows(lists) {
  if (lists.length === 1) return lists[0].map((one) => [one]);
  const [left, right] = lists;
  const rows = [];
  const key = (one) => `${one.host} ${one.place}`;
  const isShown = lists.map((list) => new Set(list.filter((one) => one.common).map(key)));
  const isPaired = (one, place) => one && one.common && isShown[1 - place].has(key(one));
  let i = 0, j = 0;
  while (i < left.length || j < right.length) {
    const a = left[i], b = right[j];
    const first = isPaired(a, 0), second = isPaired(b, 1);
    if (!a || !b || first === second) {
      if (first && second && key(a) !== key(b)) {  // two hosts in another order
        isShown[0].delete(key(b)), isShown[1].delete(key(a));
      }
      rows.push([a, b]), ++i, ++j;
    } else if (first) {
      rows.push([undefined, b]), ++j;
    } else {
      rows.push([a, undefined]), ++i;
    }
  }
  return rows;
}

// Returns rows in the order of time.
function timeRows(lists) {
  const all = lists.flatMap((list, place) => list.map((one) => ({one, place})));
  all.sort((a, b) => a.one.t - b.one.t || a.one.number - b.one.number);
  const rows = [];
  for (const {one, place} of all) {
    const last = rows[rows.length - 1];
    const row = last && last[place] === undefined && last.t === one.t && lists.length > 1 ? last :
      Object.assign(new Array(lists.length), {t: one.t});
    if (row !== last) rows.push(row);
    row[place] = one;
  }
  return rows;
}

const isNotable = (one) => one && (one.marks.length !== 0 || Object.values(sites).includes(one) ||
  one === view.picked || (one.world && one.op !== 'deliver'));

// Replaces rows that are far from everything notable by one row that says how many they are.
function foldRows(rows) {
  if (!view.fold) return rows.map((row) => ({row}));
  const keeps = new Array(rows.length).fill(false);
  rows.forEach((row, i) => {
    if (!row.some(isNotable) && i !== 0 && i !== rows.length - 1) return;
    for (let k = Math.max(0, i - size.context); k <= Math.min(rows.length - 1, i + size.context); ++k) keeps[k] = true;
  });
  const folded = [];
  for (let i = 0; i < rows.length;) {
    let end = i;
    while (end < rows.length && !keeps[end]) ++end;
    const first = (rows[i].find((one) => one) || {}).id;
    if (end - i > 3 && !view.open.has(first)) {
      folded.push({fold: rows.slice(i, end), first});
      i = end;
    } else {
      folded.push({row: rows[i++]});
    }
  }
  return folded;
}

let layout;

function makeLayout() {
  const shown = shownRuns();
  const lists = shown.map((run) => run.events.filter(passes));
  const rows = foldRows(view.time ? timeRows(lists) : pairRows(lists));
  // In the order of time, a gap is as long as it lasts, and an event has a line at least.
  const times = rows.flatMap(({row}) => row ? [Math.min(...row.filter(Boolean).map((one) => one.t))] : []);
  const scale = view.time && times.length > 1 ? 1600 * view.zoom / Math.max(1, times[times.length - 1] - times[0]) : 0;
  for (const run of runs) for (const one of run.events) one.y = undefined;
  let y = size.row, before;
  for (const line of rows) {
    if (line.fold) {
      line.y = y + 4;
      y += 30;
      before = undefined;
      for (const row of line.fold) for (const one of row) if (one) one.y = line.y + 8;
      continue;
    }
    const t = Math.min(...line.row.filter(Boolean).map((one) => one.t));
    if (before !== undefined && scale) y += Math.max(0, Math.min((t - before) * scale, 1600) - size.row);
    before = t;
    if (line.row.some((one) => one && (one === sites.point || one === sites.difference))) y += 14;
    line.y = y;
    for (const one of line.row) if (one) one.y = y;
    y += size.row * (view.time ? 1 : view.zoom);
  }
  let x = data.curve && shown.includes(failing) ? size.curve : 0;
  const columns = [], gutters = [];
  for (const run of shown) {
    gutters.push({run, x, width: size.times});
    x += size.times;
    for (let host = 0; host < data.hosts.length; ++host) {
      const lanes = Math.max(1, run.lanes[host]);
      if (view.host !== '' && host !== Number(view.host)) continue;
      const width = Math.max(size.column, 20 + lanes * size.lane + 170);
      columns.push({run, host, x, width, lanes});
      x += width + 8;
    }
    x += size.gap;
  }
  const lanes = Math.max(...columns.map((one) => one.lanes));
  layout = {rows, columns, gutters, width: x, height: y + 60 + Math.min(lanes, 40) * 15};
  layout.column = new Map(columns.map((one) => [`${one.run.index} ${one.host}`, one]));
  placeHidden(shown);
  layout.waits = shown.flatMap(waitsOf);
  layout.outages = shown.flatMap(outagesOf);
}

const columnOf = (one) => layout.column.get(`${one.run.index} ${one.host}`);
const xOf = (one) => {
  const column = columnOf(one);
  return column === undefined ? undefined : column.x + 12 + one.lane * size.lane;
};

// An event without a row of its own lies where the next shown event of its run is, so that arrows end there.
function placeHidden(shown) {
  for (const run of shown) {
    let y = layout.height - 50;
    for (let i = run.events.length - 1; i >= 0; --i) {
      const one = run.events[i];
      if (one.y === undefined) one.y = y;
      else y = one.y;
    }
  }
}

// A task waits from its last event to its next resumption, or to the end.
function waitsOf(run) {
  const last = new Map();
  const waits = [];
  for (const one of run.events) {
    if (!one.task) continue;
    const key = `${one.host} ${one.task}`;
    const before = last.get(key);
    if (one.op === 'resume' && before && before.y < one.y && !isEnd(before)) {
      waits.push({run, host: one.host, lane: one.lane, from: before, to: one,
        y1: before.y, y2: one.y, frames: one.frames});
    }
    last.set(key, one);
  }
  for (const one of last.values()) {
    if (isEnd(one)) continue;
    const task = run.index === 0 && (data.tasks || []).find((other) => other.path === one.task);
    waits.push({run, host: one.host, lane: one.lane, from: one, y1: one.y, y2: layout.height - 40,
      frames: task ? task.frames : '', waitsOn: task ? task.waitsOn : '', open: true});
  }
  return waits;
}

// Returns when hosts were down or paused, and links cut or held.
function outagesOf(run) {
  const open = new Map(), found = [];
  const end = (key, one) => {
    if (open.has(key)) found.push({...open.get(key), y2: one.y, to: one});
    open.delete(key);
  };
  for (const one of run.events) {
    const key = `${one.host} ${one.op === 'link' ? one.handle : one.op}`;
    if (one.op === 'crash' || one.op === 'power_off') {
      open.set(`${one.host} down`, {run, host: one.host, kind: 'down', y1: one.y, from: one});
    }
    if (one.op === 'restart') end(`${one.host} down`, one);
    if (one.op === 'pause') open.set(`${one.host} pause`, {run, host: one.host, kind: 'paused', y1: one.y, from: one});
    if (one.op === 'unpause') end(`${one.host} pause`, one);
    if (one.op === 'link') {
      end(key, one);
      if (one.result !== 0) open.set(key, {run, host: one.host, kind: 'cut', y1: one.y, from: one});
    }
  }
  return [...found, ...[...open.values()].map((one) => ({...one, y2: layout.height - 40}))];
}

// ---- The drawing ----

const diagram = document.getElementById('diagram');
const drawing = document.getElementById('drawing');
const canvas = document.getElementById('canvas');

function svg(name, attributes, ...children) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}
function html(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

function definitions() {
  const head = (id, colour) => svg('marker', {id, viewBox: '0 0 8 8', refX: 8, refY: 4, markerWidth: 7, markerHeight: 7,
    orient: 'auto', markerUnits: 'userSpaceOnUse'}, svg('path', {d: 'M0 0 L8 4 L0 8 z', style: `fill:var(${colour})`}));
  const hatch = (id, colour, step) => svg('pattern', {id, width: step, height: step, patternUnits: 'userSpaceOnUse',
    patternTransform: 'rotate(45)'},
    svg('rect', {width: step, height: step, style: 'fill:var(--down);fill-opacity:.4'}),
  svg('line', {x1: 0, y1: 0, x2: 0, y2: step, style: `stroke:var(${colour});stroke-width:1`}));
  return svg('defs', {}, head('head', '--message'), head('head-common', '--common'), head('head-fail', '--fail'),
    head('head-late', '--late'), hatch('down', '--fail', 8), hatch('paused', '--late', 18));
}

// Draws what is visible between two heights.
function draw(top, bottom) {
  const {rows, columns, width, height} = layout;
  const visible = (y1, y2) => y2 >= top && y1 <= bottom;
  const parts = [definitions()];
  for (const column of columns) {
    parts.push(svg('rect', {class: 'column', x: column.x, y: top, width: column.width, height: bottom - top, rx: 4}));
    for (let lane = 0; lane < column.lanes; ++lane) {
      const x = column.x + 12 + lane * size.lane;
      parts.push(svg('line', {class: 'lane', x1: x, x2: x, y1: top, y2: bottom}));
    }
  }
  drawOutages(parts, visible);
  for (const wait of layout.waits) {
    const column = visible(wait.y1, wait.y2) ? columnOf(wait) : undefined;
    if (column === undefined) continue;
    const where = wait.frames ? ` at ${wait.frames}` : '';
    const isStuck = wait.open && wait.run === failing && data.failure && data.failure.kind === 'deadlock';
    parts.push(svg('rect', {class: isStuck ? 'wait stuck' : 'wait',
      x: column.x + 12 + wait.lane * size.lane - 3, y: wait.y1, width: 6,
      height: Math.max(1, wait.y2 - wait.y1), rx: 3},
    svg('title', {}, `${wait.from.task} waited${where}` + (wait.open ? ', to the end' :
      `, ${timeText(wait.to.t - wait.from.t)}`))));
    if (isStuck && wait.frames) {
      const x = column.x + 12 + wait.lane * size.lane + 6, y = layout.height - 42 - 15 * (column.lanes - 1 - wait.lane);
      parts.push(svg('text', {class: 'stuck-text', x, y}, `waits at ${wait.frames.split(' < ')[0]}`));
    }
  }
  const found = [];
  for (let i = bisect(rows, top - 40); i < rows.length && rows[i].y <= bottom + 40; ++i) found.push(rows[i]);
  for (const run of shownRuns()) for (const message of run.messages) drawMessage(parts, message, visible);
  for (const line of found) if (!line.fold) for (const one of line.row) if (one) drawEvent(parts, one);
  for (const line of found) drawGutter(parts, line);
  drawRules(parts, visible);
  drawCurve(parts, visible);
  drawing.replaceChildren(...parts);
  drawing.setAttribute('width', width);
  drawing.setAttribute('height', bottom - top);
  drawing.setAttribute('viewBox', `0 ${top} ${width} ${bottom - top}`);
  drawing.style.top = `${top}px`;
}

// Returns the index of the first row at or below a height.
function bisect(rows, y) {
  let low = 0, high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle].y < y) low = middle + 1;
    else high = middle;
  }
  return low;
}

function drawOutages(parts, visible) {
  for (const outage of layout.outages) {
    const column = visible(outage.y1, outage.y2) ? columnOf(outage) : undefined;
    if (column === undefined) continue;
    if (outage.kind === 'cut') {
      const x = column.x + column.width - 3;
      parts.push(svg('line', {class: 'cut', x1: x, x2: x, y1: outage.y1, y2: outage.y2},
        svg('title', {}, outage.from.operation)));
    } else {
      parts.push(svg('rect', {class: outage.kind, x: column.x + 1, y: outage.y1, width: column.width - 2,
        height: Math.max(2, outage.y2 - outage.y1)}, svg('title', {}, outage.from.operation)));
    }
  }
}

function classesOf(one) {
  return ['event', one.common ? 'common' : '', one.world ? 'world' : '', `op-${one.op}`,
    one.error && one.error !== 'EAGAIN' && !one.world ? 'error' : '',
    one === sites.fails ? 'failing' : '', one === view.picked ? 'picked' : '', isFound(one) ? 'found' : ''].join(' ');
}
const isFound = (one) => view.search !== '' && searchText(one).includes(view.search.toLowerCase());
const searchText = (one) => `${data.hosts[one.host]} ${one.task} ${one.operation} ${one.frames}`.toLowerCase();

function drawEvent(parts, one) {
  const x = xOf(one), column = columnOf(one);
  if (column === undefined) return;
  const group = svg('g', {class: classesOf(one), 'data-event': one.id},
    svg('rect', {x: column.x, y: one.y - size.row / 2, width: column.width, height: size.row}),
    svg('circle', {cx: x, cy: one.y, r: one.quiet ? 2 : 3.5}),
    svg('title', {}, `${one.number}  ${timeText(one.t)}  ${one.task || data.hosts[one.host]}  ${one.operation}` +
      (one.frames ? `\nat ${one.frames}` : '')));
  const after = column.x + 18 + column.lanes * size.lane;
  const most = Math.floor((column.x + column.width - after - 4) / 6.7);
  const text = one.label.split('\n')[0];
  const shown = text.length > most ? text.slice(0, most - 1) + '…' : text;
  if (text) group.append(svg('text', {x: after, y: one.y + 4}, shown));
  one.marks.forEach((mark, i) => group.append(drawMark(mark, x - 4 - 18 * i, one.y)));
  group.addEventListener('click', () => pick(one));
  parts.push(group);
}

function drawMark(mark, x, y) {
  const group = svg('g', {class: 'mark', 'data-mark': mark}, svg('circle', {cx: x, cy: y, r: 8}),
    svg('text', {x, y: y + 4}, String(mark + 1)), svg('title', {}, deviations[mark].text));
  group.addEventListener('click', (event) => { event.stopPropagation(); show('summary'); });
  return group;
}

function drawMessage(parts, message, visible) {
  const {from, to} = message;
  const start = from || to;
  const y1 = start.y, y2 = to ? to.y : start.y + 30;
  if (!visible(Math.min(y1, y2), Math.max(y1, y2)) || xOf(start) === undefined) return;
  const x1 = xOf(start);
  let x2;
  if (to && from) x2 = xOf(to);
  else x2 = x1 + 34;
  if (x2 === undefined || (y1 === y2 && x1 === x2)) return;
  const common = start.common && (!to || to.common);
  const picked = view.picked && (view.picked === from || view.picked === to);
  const kind = ['message', message.kind, common && !message.lost ? 'common' : '', message.late ? 'late' : '',
    message.lost ? 'lost' : '', message.unfinished ? 'unfinished' : '', picked ? 'picked' : ''].join(' ');
  const words = `${message.kind}${message.bytes ? `, ${message.bytes} bytes` : ''}` +
    (message.lost ? ', never received'
      : message.unfinished ? ', on its way when the run ended' : `, ${timeText(to.t - from.t)} under way`);
  // Between tasks of one host, a curve; its ends may be in one lane.
  const path = x1 === x2 ? `M${x1} ${y1} C${x1 + 30} ${y1} ${x2 + 30} ${y2} ${x2 + 4} ${y2}`
    : `M${x1} ${y1} L${x2} ${y2}`;
  parts.push(svg('path', {class: kind, d: path, 'data-from': from ? from.id : '', 'data-to': to ? to.id : ''},
    svg('title', {}, words)));
  if (message.lost) {
    parts.push(svg('path', {class: 'cross', d: `M${x2 - 4} ${y2 - 4} l8 8 m0 -8 l-8 8`}, svg('title', {}, words)));
  }
  if (message.late) {
    parts.push(svg('text', {class: 'flight', x: x1 + (x2 - x1) * 0.5 + (x2 > x1 ? -4 : 4), y: y1 + (y2 - y1) * 0.5 - 3,
      'text-anchor': x2 > x1 ? 'end' : 'start'}, `${timeText(message.late)} late`));
  }
}

function drawGutter(parts, line) {
  const left = layout.gutters[0].x + size.times;
  if (line.fold) {
    const count = line.fold.reduce((sum, row) => sum + row.filter(Boolean).length, 0);
    const box = svg('rect', {class: 'fold', x: left, y: line.y,
      width: layout.width - left - size.gap, height: 18, rx: 4},
      svg('title', {}, 'Show these events'));
    box.addEventListener('click', () => { view.open.add(line.first); refresh(); });
    parts.push(box, svg('text', {class: 'fold-text', x: left + 220, y: line.y + 13}, `${count} events`));
    return;
  }
  for (const one of line.row) {
    const gutter = one && layout.gutters.find((other) => other.run === one.run);
    if (gutter) parts.push(svg('text', {class: 'time', x: gutter.x + gutter.width - 8, y: one.y + 4}, timeText(one.t)));
  }
}

function drawRules(parts, visible) {
  if (!shownRuns().includes(failing)) return;
  const end = Math.max(...layout.columns.filter((one) => one.run === failing).map((one) => one.x + one.width));
  for (const [kind, words] of [['point', 'point of no return'], ['difference', 'first difference']]) {
    const one = sites[kind];
    if (one === undefined || !visible(one.y - 20, one.y + 20)) continue;
    const y = one.y - 9;
    parts.push(svg('line', {class: `rule ${kind}`, x1: 0, x2: end, y1: y, y2: y}),
      svg('text', {class: `rule-text ${kind}`, x: 4, y: y - 3}, words));
  }
}

// The share of continuations that fail, by the event that begins each step.
function drawCurve(parts, visible) {
  if (!data.curve || !shownRuns().includes(failing)) return;
  const left = 8, right = size.curve - 10;
  const points = data.curve.map(([step, event, failed, samples]) => {
    const at = failing.event(event);
    return {step, failed, samples, y: at ? at.y : layout.height - 50, x: left + (right - left) * failed / samples};
  });
  if (points.length < 2 || !visible(points[0].y, points[points.length - 1].y)) return;
  for (const x of [left, right]) {
    parts.push(svg('line', {class: 'curve-axis', x1: x, x2: x, y1: points[0].y, y2: points[points.length - 1].y}));
  }
  parts.push(svg('path', {class: 'curve', d: 'M' + points.map((one) => `${one.x} ${one.y}`).join(' L')}));
  for (const one of points) {
    const dot = svg('circle', {class: 'curve-dot', cx: one.x, cy: one.y, r: 3}, svg('title', {},
      `Before step ${one.step}, ${one.failed} of ${one.samples} continuations fail`));
    parts.push(dot);
  }
}

function drawHeads() {
  const heads = document.getElementById('heads');
  heads.style.width = `${layout.width}px`;
  const title = (left, width, ...children) => html('div', {style: `left:${left}px;width:${width}px`}, ...children);
  heads.replaceChildren(...layout.gutters.map((one) => title(one.x, one.width, html('small', {}, 'time'))),
    ...layout.columns.map((column) => title(column.x, column.width, data.hosts[column.host],
    html('br', {}), html('small', {title: [...column.run.tasks[column.host]].join('\n')},
      (runs.length > 1 ? column.run.name + ', ' : '') +
      `${column.run.tasks[column.host].size} task${column.run.tasks[column.host].size === 1 ? '' : 's'}`))));
  if (data.curve && data.curve.length > 1) {
    heads.append(title(0, size.curve, html('small',
      {title: 'The share of continuations that fail, from 0 to 100 %'}, '% fail')));
  }
}

let drawn = {top: 0, bottom: -1};
function redraw(force) {
  // A filter may have left less than what was scrolled to.
  const last = Math.max(0, layout.height - diagram.clientHeight);
  const top = Math.max(0, Math.min(diagram.scrollTop, last) - size.head), bottom = top + diagram.clientHeight;
  if (!force && top >= drawn.top && bottom <= drawn.bottom) return;
  drawn = {top: Math.max(0, top - 600), bottom: Math.min(layout.height, bottom + 600)};
  draw(drawn.top, drawn.bottom);
}

function refresh() {
  makeLayout();
  canvas.style.width = `${layout.width}px`;
  canvas.style.height = `${layout.height}px`;
  drawHeads();
  redraw(true);
}

// ---- The panels ----

const side = document.getElementById('panel');

function linkTo(one, words) {
  return one === undefined ? document.createTextNode(words) :
    html('a', {href: '#' + one.id, onclick: (event) => { event.preventDefault(); pick(one, true); }}, words);
}

function copyable(text) {
  const button = html('button', {type: 'button', onclick: () => {
    navigator.clipboard.writeText(text).then(() => { button.textContent = 'copied'; },
      () => { getSelection().selectAllChildren(button.nextSibling); });
  }}, 'copy');
  return html('div', {class: 'copy'}, button, html('pre', {}, text));
}

function eventLine(one) {
  return `${one.number}  ${timeText(one.t)}  ${one.task || data.hosts[one.host]}  ${one.operation}`;
}

function summary() {
  const parts = [];
  if (data.failure) {
    parts.push(html('h2', {}, 'Failure'), html('p', {class: 'fail'}, data.failure.what));
    if (data.failure.where) parts.push(html('p', {}, `check at ${data.failure.where}`));
    if (sites.fails) {
      const {task, number} = sites.fails;
      parts.push(html('p', {}, 'in ', linkTo(sites.fails, `${task}, event ${number}`)));
    }
    parts.push(html('h2', {}, deviations.length === 0 ? 'No deviations: the default run fails' :
      `Cause: ${deviations.length} deviation${deviations.length === 1 ? '' : 's'} from the default run`));
    parts.push(html('ol', {}, ...deviations.map(deviationItem)));
    for (const [name, value] of Object.entries(data.parameters || {})) parts.push(html('p', {}, `${name} = ${value}`));
    if (data.point && data.point.event) parts.push(html('h2', {}, 'Point of no return'), ...pointText());
    if (data.difference) parts.push(html('h2', {}, 'First difference from the default run'), ...differenceText());
    parts.push(html('p', {class: 'faint'}, data.defaultOutcome ? `The default run: ${data.defaultOutcome}.` : ''));
  }
  if (data.command) parts.push(html('h2', {}, 'Reproduce'), copyable(data.command));
  const stuck = data.failure && data.failure.kind === 'deadlock' ? data.tasks : [];
  if (stuck && stuck.length) {
    parts.push(html('h2', {}, 'Tasks that wait'), html('ul', {}, ...stuck.map((task) =>
      html('li', {}, `${task.path}: ${task.waitsOn}`, html('br', {}), html('code', {}, task.frames)))));
  }
  parts.push(html('h2', {}, 'Keys'), html('p', {class: 'faint'},
    'j and k: next and previous event. n and p: next and previous mark. /: search. t: by time. 1, 2, b: failing run, ' +
    'default run, both. f: fold. Escape: clear.'));
  return parts;
}

function deviationItem(one) {
  const event = failing.event(one.event + 1);
  const item = html('li', {}, linkTo(event, one.text));
  if (one.effect) item.append(html('div', {class: 'faint'}, one.effect));
  if (!one.without) return item;
  const detail = html('div', {class: 'without'});
  detail.hidden = true;
  const words = [html('p', {}, `Without it: ${one.without.outcome}.`)];
  if (one.without.failingLine) {
    words.push(html('p', {class: 'faint'}, 'The first difference, without it and with it:'),
      html('pre', {}, one.without.otherLine.trim() + '\n'), html('pre', {}, one.without.failingLine.trim() + '\n'));
    words.push(linkTo(failing.event(one.without.failing), 'show it'));
  }
  detail.append(...words);
  const button = html('button', {type: 'button', class: 'without-button', 'aria-expanded': 'false', onclick: () => {
    detail.hidden = !detail.hidden;
    button.setAttribute('aria-expanded', String(!detail.hidden));
  }}, 'What if it had not happened?');
  item.append(html('div', {}, button), detail);
  return item;
}

function pointText() {
  const at = data.curve.findIndex(([step]) => step === data.point.step);
  const share = ([, , failed, samples]) => `${Math.round(100 * failed / samples)} %`;
  return [html('p', {}, linkTo(sites.point, `step ${data.point.step}, event ${data.point.event}`)),
    html('p', {}, at < 0 ? '' : `Before this step ${share(data.curve[at])} of the continuations fail` +
      (at + 1 < data.curve.length ? `; after it, ${share(data.curve[at + 1])}.` : '.'))];
}

function differenceText() {
  const line = (run, number, words) => {
    const one = run && number ? run.event(number) : undefined;
    return html('p', {}, `${words}: `, one ? linkTo(one, eventLine(one)) : 'its host has no more events');
  };
  return [line(runs[1], data.difference.other, 'default'), line(failing, data.difference.failing, 'failing')];
}

function sourceOf(frame) {
  const [file, number] = frame.split(':');
  const source = data.sources[file];
  if (source === undefined) return null;
  const lines = Object.keys(source.lines).map(Number).filter((line) => Math.abs(line - number) <= 4);
  if (lines.length === 0) return null;
  const pre = html('pre', {});
  for (const line of lines) {
    const words = `${String(line).padStart(4)}  ${source.lines[line]}`;
    pre.append(line === Number(number) ? html('span', {class: 'here'}, words) : words, '\n');
  }
  return html('div', {}, html('p', {class: 'faint'}, `${source.path}:${number}`), pre);
}

function eventPanel() {
  const one = view.picked;
  if (!one) return [html('p', {class: 'faint'}, 'Click an event, or press j.')];
  const rows = [['event', `${one.number}, step ${one.step}${runs.length > 1 ? `, of the ${one.run.name}` : ''}`],
    ['time', timeText(one.t)], ['host', data.hosts[one.host]], ['task', one.task], ['operation', one.op],
    ['connection', one.handle], ['address', one.address],
    ['result', one.error || (one.result === null ? '' : String(one.result))]];
  const list = html('dl', {});
  for (const [name, value] of rows) if (value) list.append(html('dt', {}, name), html('dd', {}, value));
  const parts = [html('h2', {}, one.operation), list];
  for (const message of one.run.messages) {
    if (message.from === one) {
      parts.push(html('p', {}, message.to ? linkTo(message.to, `received as event ${message.to.number}, ` +
        `${timeText(message.to.t - one.t)} later`) : `${message.kind}: not received before the end`));
    }
    if (message.to === one && message.from) {
      parts.push(html('p', {}, linkTo(message.from, `sent by event ${message.from.number}`)));
    }
  }
  for (const mark of one.marks) parts.push(html('p', {}, `Deviation ${mark + 1}: ${deviations[mark].text}`));
  if (one.bytes) {
    const bytes = bytesOf(one.bytes);
    const kept = bytes.length < one.size ? `, of which the first ${bytes.length} are kept` : '';
    parts.push(html('h2', {}, `Payload, ${one.size} bytes${kept}`),
      html('pre', {}, one.bytes.replace(/[\u{10ff80}-\u{10ffff}]/gu, '\u00b7')), html('pre', {}, hexDump(bytes)));
  }
  const frames = one.frames ? one.frames.split(' < ') : [];
  if (frames.length) {
    parts.push(html('h2', {}, 'Awaits, innermost first'));
    for (const frame of frames) parts.push(html('code', {}, frame), html('br', {}), sourceOf(frame) || '');
  }
  if (one.run === failing && data.stop) {
    parts.push(html('h2', {}, 'Stop here in gdb'), copyable(data.stop.replace('{step}', one.step)));
  }
  return parts;
}

function hexDump(bytes) {
  const lines = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const some = bytes.slice(at, at + 16);
    lines.push(at.toString(16).padStart(4, '0') + '  ' + some.map(hex).join(' ').padEnd(47) + '  ' +
      some.map((byte) => byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.').join(''));
  }
  return lines.join('\n');
}

// ---- The panel of a sweep ----

// Draws values over the real time of a sweep: `column` of its moments.
function chart(words, column) {
  const moments = data.sweep.moments, width = 380, height = 90, base = 74;
  const most = Math.max(1, ...moments.map((one) => one[column])), end = Math.max(1, ...moments.map((one) => one[0]));
  const points = moments.map((one) => `${4 + (width - 8) * one[0] / end} ${base - (base - 14) * one[column] / most}`);
  return svg('svg', {width, height, class: 'chart', role: 'img', 'aria-label': words},
    svg('line', {class: 'curve-axis', x1: 4, x2: width - 4, y1: base, y2: base}),
    svg('path', {class: 'curve', d: points.length ? 'M' + points.join(' L') : ''}),
    svg('text', {x: 4, y: 10}, `${words}: ${moments.length ? moments[moments.length - 1][column] : 0}`),
    svg('text', {x: width - 4, y: base + 13, 'text-anchor': 'end'}, `${(end / 1000).toFixed(1)} s`));
}

function table(heads, rows) {
  return html('table', {}, html('tr', {}, ...heads.map((one) => html('th', {}, one))),
    ...rows.map((row) => html('tr', {}, ...row.map((one) => html('td', {}, String(one))))));
}

// Groups the failures by their kind and their line: by their text without digits.
function failureGroups() {
  const groups = new Map();
  for (const [seed, kind, what] of data.sweep.failures) {
    const line = (/\(([^()]*:\d+)\)$/.exec(what) || [])[1] || '';
    const key = kind + line + what.replace(/\d/g, '');
    if (!groups.has(key)) groups.set(key, {kind, what, seeds: []});
    groups.get(key).seeds.push(seed);
  }
  return [...groups.values()].sort((a, b) => b.seeds.length - a.seeds.length);
}

function sweepPanel() {
  const sweep = data.sweep, parts = [html('h2', {}, `Sweep of ${sweep.scenario}`)];
  parts.push(html('p', {}, `${sweep.runs} runs of seeds ${sweep.first}..${sweep.last}, policy ${sweep.policy}, ` +
    `${sweep.failed} failed; ${timeText(sweep.time)} of virtual time in ${(sweep.took / 1000).toFixed(1)} s`));
  parts.push(chart('runs', 1), chart('failed', 2), chart('reached', 3), html('p', {class: 'faint'},
    'Reached: kinds of choices, faults, conditions of sometimes(), checks and actions that some run came to.'));
  const groups = failureGroups();
  if (groups.length) {
    parts.push(html('h2', {}, 'Failures, by kind and line'), ...groups.map((one) => html('p', {},
      html('span', {class: 'fail'}, `${one.seeds.length} × ${one.what}`), html('br', {}),
      html('span', {class: 'faint'}, `${one.kind}; seeds ${one.seeds.slice(0, 12).join(', ')}` +
        (one.seeds.length > 12 ? ' ...' : '')))));
    if (sweep.failed > sweep.failures.length) {
      parts.push(html('p', {class: 'faint'}, `and ${sweep.failed - sweep.failures.length} more failures, not listed`));
    }
  }
  if (sweep.faults.length) {
    parts.push(html('h2', {}, 'Fault rules'), table(['rule', 'matched', 'fired', 'had an effect'],
      sweep.faults.map((one) => [one.name, one.matched, one.fired, one.mattered])));
  }
  const flags = (words, all) => {
    const names = Object.entries(all);
    if (names.length) {
      const rows = names.map(([name, held]) => [name, held ? 'yes' : 'no run']);
      parts.push(html('h2', {}, words), table(['', ''], rows));
    }
  };
  flags('Conditions of sometimes() that held', sweep.sometimes);
  flags('Checks and actions that a run came to', sweep.planned);
  parts.push(html('h2', {}, 'Choices that deviated'), table(['kind', 'times'], Object.entries(sweep.sites)));
  parts.push(html('h2', {}, 'Longest runs'), table(['seed', 'steps', ''],
    sweep.longest.map(([seed, steps, failed]) => [seed, steps, failed ? 'failed' : ''])));
  return parts;
}

const tabs = {summary: ['Summary', summary], event: ['Event', eventPanel],
  report: ['Report', () => [html('pre', {class: 'report'}, data.report)]]};
if (!data.report) delete tabs.report;
if (data.sweep) tabs.sweep = ['Sweep', sweepPanel];

function show(tab) {
  view.tab = tab;
  document.getElementById('tabs').replaceChildren(...Object.entries(tabs).map(([name, [words]]) =>
    html('button', {type: 'button', role: 'tab', 'data-tab': name, 'aria-selected': String(name === tab),
      onclick: () => show(name)}, words)));
  side.replaceChildren(...tabs[tab][1]());
  side.scrollTop = 0;
}

// ---- The controls ----

function pick(one, scrolls) {
  view.picked = one;
  if (one && !shownRuns().includes(one.run)) view.runs = runs.length > 1 ? 'both' : '0';
  refresh();
  updateControls();
  if (one) {
    history.replaceState(null, '', '#' + one.id);
    show('event');
    if (scrolls || one.y < diagram.scrollTop || one.y > diagram.scrollTop + diagram.clientHeight - size.head - 20) {
      diagram.scrollTop = Math.max(0, one.y - diagram.clientHeight / 2);
    }
    const x = xOf(one);
    if (x !== undefined && (x < diagram.scrollLeft || x > diagram.scrollLeft + diagram.clientWidth)) {
      diagram.scrollLeft = x - 200;
    }
  }
}

// Returns the shown events of the run of the picked event, or of the failing run.
function walkable() {
  const run = view.picked ? view.picked.run : shownRuns()[0];
  return run.events.filter((one) => passes(one));
}
function walk(by, wanted = () => true) {
  const list = walkable().filter(wanted);
  if (list.length === 0) return;
  const now = view.picked ? view.picked.number : by > 0 ? -1 : Infinity;
  const next = by > 0 ? list.find((one) => one.number > now) : [...list].reverse().find((one) => one.number < now);
  if (next) pick(next);
}

function choice(values, get, set) {
  return html('span', {class: 'choice'}, ...values.map(([value, words]) => html('button', {type: 'button',
    'data-value': value, 'aria-pressed': String(get() === value), onclick: () => { set(value); changed(); }}, words)));
}
function select(words, values, name) {
  const box = html('select', {id: `filter-${name}`, onchange: () => { view[name] = box.value; changed(); }},
    ...[['', words], ...values].map(([value, text]) => html('option', {value}, text)));
  box.value = view[name];
  return box;
}

function changed() { refresh(); updateControls(); }

function updateControls() {
  const parts = [];
  if (runs.length > 1) {
    parts.push(choice([['both', 'both runs'], ['0', 'failing'], ['1', 'default']],
      () => view.runs, (value) => { view.runs = value; }));
  }
  parts.push(choice([[false, 'by order'], [true, 'by time']].map(([value, words]) => [String(value), words]),
    () => String(view.time), (value) => { view.time = value === 'true'; }));
  parts.push(choice([['-', '−'], ['+', '+']], () => '', (value) => {
    view.zoom = Math.min(16, Math.max(0.5, view.zoom * (value === '+' ? 1.4 : 1 / 1.4)));
  }));
  const toggle = (name, words) => {
    const box = html('input', {type: 'checkbox', id: name, onchange: () => { view[name] = box.checked; changed(); }});
    box.checked = view[name];
    return html('label', {}, box, ' ' + words);
  };
  parts.push(toggle('fold', 'fold'), toggle('all', 'every event'));
  parts.push(select('all hosts', data.hosts.map((name, i) => [String(i), name]), 'host'));
  const tasks = new Set(), connections = new Set();
  for (const run of runs) for (const one of run.events) {
    if (one.task) tasks.add(one.task);
    if (connectionOf(one)) connections.add(connectionOf(one));
  }
  parts.push(select('all tasks', [...tasks].sort().map((name) => [name, name]), 'task'));
  parts.push(select('all connections', [...connections].sort().map((name) => [name, name]), 'connection'));
  const box = html('input', {type: 'search', id: 'search', placeholder: 'search', 'aria-label': 'Search', oninput: () => {
    view.search = box.value;
    redraw(true);
  }, onkeydown: (event) => {
    if (event.key === 'Enter') {
      event.preventDefault();
      walk(event.shiftKey ? -1 : 1, isFound);
      document.getElementById('search').focus();
    }
    if (event.key === 'Escape') { view.search = ''; changed(); diagram.focus(); }
    event.stopPropagation();
  }});
  box.value = view.search;
  parts.push(box);
  document.getElementById('controls').replaceChildren(...parts);
}

const keys = {
  j: () => walk(1), k: () => walk(-1), ArrowDown: () => walk(1), ArrowUp: () => walk(-1),
  n: () => walk(1, isNotable), p: () => walk(-1, isNotable),
  t: () => { view.time = !view.time; changed(); }, f: () => { view.fold = !view.fold; changed(); },
  b: () => { if (runs.length > 1) { view.runs = 'both'; changed(); } },
  1: () => { view.runs = '0'; changed(); }, 2: () => { if (runs.length > 1) { view.runs = '1'; changed(); } },
  '/': () => document.getElementById('search').focus(),
  Escape: () => {
    view.picked = null;
    view.search = '';
    history.replaceState(null, '', location.pathname);
    changed();
    show('summary');
  },
};

addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || ['INPUT', 'SELECT'].includes(event.target.tagName)) return;
  const action = keys[event.key];
  if (action === undefined) return;
  event.preventDefault();
  action();
});
diagram.addEventListener('scroll', () => requestAnimationFrame(() => redraw(false)));
addEventListener('resize', () => redraw(true));
addEventListener('beforeprint', () => draw(0, Math.min(layout.height, 40000)));
addEventListener('afterprint', () => redraw(true));

function pickFromAddress() {
  const found = /^#([ed])(\d+)$/.exec(location.hash);
  const run = found && runs[found[1] === 'e' ? 0 : 1];
  const one = run && run.event(Number(found[2]));
  if (one) pick(one, true);
  return Boolean(one);
}
addEventListener('hashchange', pickFromAddress);

document.title = `${data.scenario}: ${data.failure ? data.failure.what : data.outcome}`;
document.getElementById('title').textContent = data.scenario;
document.getElementById('outcome').textContent = data.outcome;
document.getElementById('outcome').className = data.failure ? 'failed' : '';
view.fold = failing.events.length > 400;
refresh();
updateControls();
show(data.sweep && !data.failure ? 'sweep' : 'summary');
if (!pickFromAddress()) {
  const first = sites.difference || sites.point || sites.fails;
  if (first && first.y > diagram.clientHeight - 100) diagram.scrollTop = first.y - diagram.clientHeight / 2;
}
document.body.dataset.ready = 'yes';
