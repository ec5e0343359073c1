// Put into the page before its own scripts: notes what each frame costs and how long the main thread is held up.
// All room for figures is taken at the start, so that measuring makes next to no garbage of its own.
(() => {
  const ROOM = 1 << 17;
  const meter = {
    count: 0,
    last: -1,
    // Milliseconds of script in the callbacks of each frame; of all that the main thread does for it, from the first
    // callback to the end of effects, style, layout and paint; and since the frame before.
    cost: new Float32Array(ROOM),
    whole: new Float32Array(ROOM),
    gap: new Float32Array(ROOM),
    longTasks: 0,
    longestTask: 0,
    // Bytes of WebAssembly memory.
    page: null,
    worker: 0,
    start() {
      meter.count = 0;
      meter.last = -1;
      meter.longTasks = 0;
      meter.longestTask = 0;
    },
    read() {
      const count = Math.min(meter.count, ROOM);
      const sorted = (values) => Array.from(values.subarray(1, count)).sort((a, b) => a - b);
      const at = (values, share) => values[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;
      const shares = (values) => [0.5, 0.95, 0.99, 1].map((share) => at(values, share));
      return {
        frames: count,
        cost: shares(sorted(meter.cost)),
        whole: shares(sorted(meter.whole)),
        gap: shares(sorted(meter.gap)),
        missed: sorted(meter.gap).filter((gap) => gap > 25).length,
        long_tasks: meter.longTasks,
        longest_task: meter.longestTask,
        page_bytes: meter.page ? meter.page.buffer.byteLength : 0,
        worker_bytes: meter.worker,
      };
    },
    // When something marked by the page has happened, from the beginning of the navigation [ms].
    mark(name) {
      return performance.getEntriesByName(name)[0]?.startTime ?? null;
    },
  };
  window.meter = meter;

  // What is posted in a callback comes when the frame is done.
  const done = new MessageChannel();
  let begun = 0;
  done.port1.onmessage = (event) => {
    meter.whole[event.data] = performance.now() - begun;
  };
  const request = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (callback) =>
    request((now) => {
      if (now !== meter.last) {
        const slot = meter.count % ROOM;
        meter.gap[slot] = meter.last < 0 ? 0 : now - meter.last;
        meter.cost[slot] = 0;
        meter.last = now;
        meter.count += 1;
        begun = performance.now();
        done.port2.postMessage(slot);
      }
      const start = performance.now();
      callback(now);
      meter.cost[(meter.count - 1) % ROOM] += performance.now() - start;
    });

  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      meter.longTasks += 1;
      meter.longestTask = Math.max(meter.longestTask, entry.duration);
    }
  }).observe({ type: "longtask", buffered: true });

  for (const name of ["instantiate", "instantiateStreaming"]) {
    const original = WebAssembly[name];
    WebAssembly[name] = async (...rest) => {
      const made = await original(...rest);
      meter.page ??= (made.instance ?? made).exports.memory ?? null;
      return made;
    };
  }
  // The engine starts from a script of the page's; it is made to tell how much memory it has.
  const Original = window.Blob;
  window.Blob = function (parts, options) {
    const told = parts?.map?.((part) =>
      typeof part === "string" && part.startsWith("import(")
        ? `${part}.then((engine) => {
             const channel = new BroadcastChannel("meter");
             setInterval(() => channel.postMessage(engine.memory.buffer.byteLength), 1000);
           })`
        : part,
    );
    return new Original(told ?? parts, options);
  };
  const channel = new BroadcastChannel("meter");
  channel.onmessage = (event) => {
    meter.worker = Math.max(meter.worker, event.data);
  };
})();
